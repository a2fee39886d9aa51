#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/skeleton.h"

namespace depcache {

// Whether stubs may use the standard library.
enum class StubStyle { kStd, kNoStd };

struct SkeletonFile {
  std::string path;  // relative to the workspace root; safe to join
  std::string text;
  friend bool operator==(const SkeletonFile&, const SkeletonFile&) = default;
};

// What stands in for the source file of a target: it compiles, and does nothing.
std::string_view StubSource(const SkeletonTarget& target, StubStyle style);

// All files of a workspace that cargo builds the skeleton's dependencies in:
// manifests, Cargo.lock, .cargo/config.toml if there is a configuration, the
// toolchain file, and a stub for each target; in order of their paths, each
// path once. A source file that several targets share gets the stub of the
// one that needs most: with a main function before one without.
// Errors: INVALID_ARGUMENT (the skeleton was not valid).
absl::StatusOr<std::vector<SkeletonFile>> SkeletonFiles(const Skeleton& skeleton, StubStyle style);

}  // namespace depcache
