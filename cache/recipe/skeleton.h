// The skeleton of a workspace: what of it determines its dependencies, without
// sources and without anything of the machine. recipe.json is its text
// (skeleton_json.h); with flags and an environment it becomes a recipe
// (make_recipe.h).

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace depcache {

inline constexpr std::size_t kMaxSkeletonManifests = 20'000;
inline constexpr std::size_t kMaxSkeletonTargets = 100'000;  // of all manifests together
inline constexpr int kSkeletonVersion = 1;

// Fields that a later version of this program wrote: name -> JSON.
using UnknownFields = std::map<std::string, std::string>;

enum class TargetKind { kLib, kProcMacro, kBin, kExample, kTest, kBench, kBuildScript };

// "lib", "proc-macro", "bin", "example", "test", "bench", "build-script".
std::string_view TargetKindText(TargetKind kind);
std::optional<TargetKind> ParseTargetKind(std::string_view text);

// A Cargo target whose root source file a stub stands in for.
struct SkeletonTarget {
  TargetKind kind = TargetKind::kLib;
  std::string name;
  std::string path;  // of the source file, relative to the workspace root
  // Of libraries and examples, sorted: "lib", "cdylib"…; empty: the kind's own.
  std::vector<std::string> crate_types;
  bool has_harness = true;  // false: a test or benchmark with a main of its own
  UnknownFields unknown_fields;

  friend bool operator==(const SkeletonTarget&, const SkeletonTarget&) = default;
};

struct SkeletonManifest {
  std::string path;                     // relative to the workspace root, ends in "Cargo.toml"
  std::string contents;                 // canonical TOML, masked
  std::vector<SkeletonTarget> targets;  // sorted
  UnknownFields unknown_fields;

  friend bool operator==(const SkeletonManifest&, const SkeletonManifest&) = default;
};

struct ToolchainFile {
  std::string name;  // "rust-toolchain" or "rust-toolchain.toml"
  std::string contents;
  UnknownFields unknown_fields;

  friend bool operator==(const ToolchainFile&, const ToolchainFile&) = default;
};

struct Skeleton {
  std::vector<SkeletonManifest> manifests;  // in order of their paths, the root's included
  std::string lock;                         // Cargo.lock, pruned and masked
  std::string config;  // allow-listed part of .cargo/config.toml, "" if there is none
  std::optional<ToolchainFile> toolchain;
  UnknownFields unknown_fields;

  friend bool operator==(const Skeleton&, const Skeleton&) = default;
};

// nullptr if there is none at `path`. The skeleton must be sorted.
const SkeletonManifest* FindManifest(const Skeleton& skeleton, std::string_view path);

// Puts manifests, targets and crate types into their order.
void SortSkeleton(Skeleton& skeleton);

// Whether the skeleton may be used, whoever wrote it: limits hold, no path
// leaves the root, stands twice, lies below another file or is a name of
// Cargo's own, a root manifest is there, the configuration has allowed keys
// only, and all text is UTF-8.
// Errors: INVALID_ARGUMENT, naming the field.
absl::Status ValidateSkeleton(const Skeleton& skeleton);

}  // namespace depcache
