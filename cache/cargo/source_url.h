// URLs of sources as Cargo compares them: the part of util/canonical_url.rs
// that names of folders depend on.

#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// The parts of "<scheme>://<authority><path>", query and fragment taken away
// by the caller.
struct SourceUrl {
  std::string scheme;
  std::string authority;
  std::string path;  // "" or from the first '/' on

  // Without user and port. "[::1]" keeps its brackets, as Cargo keeps them.
  std::string_view Host() const;
  std::string Text() const { return scheme + "://" + authority + path; }
};

// Errors: INVALID_ARGUMENT (no scheme).
absl::StatusOr<SourceUrl> ParseSourceUrl(std::string_view text);

// Cargo's CanonicalUrl: equal for spellings of one place.
SourceUrl Canonical(SourceUrl url);

}  // namespace depcache
