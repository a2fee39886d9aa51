// All of a git repository at one commit, as a sequence of git's own objects:
// what Cargo needs below $CARGO_HOME/git/db to check the commit out. Nothing
// but the name of the commit has to be believed, since every object is named
// by its hash, and the walk from the commit reaches exactly these.
//
// Stored form, version 1:
//
//   snapshot := "dcg1" object*
//   object   := kind:u8 size:u32 bytes      ; 1 commit, 2 tree, 3 blob
//
// The commit comes first, then trees and blobs as the walk meets them: depth
// first, in the order of each tree, none twice.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

enum class GitKind : std::uint8_t { kCommit = 1, kTree = 2, kBlob = 3 };

// Larger repositories do not travel.
inline constexpr std::size_t kMaxSnapshotBytes = 256 << 20;
inline constexpr std::size_t kMaxGitObjects = 200'000;

// 40 hex digits: the SHA-1 of "<kind> <size>\0" and the bytes.
std::string GitObjectId(GitKind kind, std::string_view bytes);

struct GitTreeEntry {
  std::string mode;  // "100644", "100755", "120000" (a link), "40000" (a folder)
  std::string name;  // one path component
  std::string id;    // 40 hex digits
};

// The bytes of a tree, its entries in git's order.
std::string PrintTree(std::vector<GitTreeEntry> entries);

// Errors: INVALID_ARGUMENT (malformed; a submodule or another unknown mode; a
// name that is no component of a path, or ".git").
absl::StatusOr<std::vector<GitTreeEntry>> ParseTree(std::string_view bytes);

// The tree that a commit names. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::string> TreeOfCommit(std::string_view bytes);

// Borrows its bytes.
struct GitObject {
  GitKind kind = GitKind::kBlob;
  std::string id;
  std::string_view bytes;
};

// The snapshot of a commit, whose objects `find` knows by id; nullopt-like
// failures are its own errors.
// Errors: of `find`; INVALID_ARGUMENT (an object is not what its id says);
// RESOURCE_EXHAUSTED (above the limits).
using FindGitObject = std::function<absl::StatusOr<std::string_view>(GitKind, const std::string& id)>;
absl::StatusOr<std::string> EncodeSnapshot(std::string_view commit, const FindGitObject& find);

// Reads and checks: the first object is `commit`, every object is what its
// place in the walk names, and nothing is missing or left over. The objects
// borrow `bytes`.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<GitObject>> DecodeSnapshot(std::string_view bytes,
                                                      std::string_view commit);

// An object as git keeps it in a file of its own, objects/<2 digits>/<38>.
std::string LooseObject(GitKind kind, std::string_view bytes);

}  // namespace depcache
