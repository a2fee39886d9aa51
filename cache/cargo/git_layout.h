// Where Cargo keeps what it has from git, below $CARGO_HOME/git:
//
//   db/<repository>/                  a bare repository
//   checkouts/<repository>/<commit>/  a working tree; the commit's name in short
//
// From Cargo's sources/git/source.rs.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// A git source as Cargo.lock names it: "git+<url>[?branch=…]#<commit>".
struct GitSource {
  std::string url;
  std::string query;   // "branch=main", "rev=…", "tag=…", "" for HEAD
  std::string commit;  // 40 hex digits

  // The same without the commit, as in the ids of the unit graph.
  std::string Unlocked() const;
};

// True for "git+…", with or without a commit.
bool IsGitSource(std::string_view source);

// Errors: INVALID_ARGUMENT (no git source; no commit, or one of another kind
// than SHA-1).
absl::StatusOr<GitSource> ParseGitSource(std::string_view source);

// The folder of a repository: last part of its URL, '-' and 16 digits.
// Errors: INVALID_ARGUMENT (a URL whose last part is no safe name).
absl::StatusOr<std::string> GitDirName(std::string_view url);

// Digits of a commit in the name of its checkout, if they tell it from all
// other objects of the repository; else there are more.
inline constexpr std::size_t kGitShortDigits = 7;

// True if `folder` can be the name of the commit's checkout.
bool IsShortOf(std::string_view folder, std::string_view commit);

// How the sources of a repository at a commit are named on the server, where
// .crate files are named by their checksums: 64 hex digits, the SHA-256 of
// "depcache.git-source.v1\n" and the source as Cargo.lock has it.
std::string GitSourceChecksum(std::string_view source);

}  // namespace depcache
