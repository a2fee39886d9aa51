// Which package a unit belongs to, from the `pkg_id` of Cargo's unit graph: a
// package id specification (Cargo's util-schemas/core/package_id_spec.rs).

#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// Where Cargo has a package from.
enum class SourceKind {
  kRegistry,
  kDirectory,  // a folder of packages, as `cargo vendor` makes
  kGit,
  kPath,
};

struct PackageSpec {
  std::string name;
  std::string version;
  // As in Cargo.lock, except that a git source has no commit:
  // "registry+https://github.com/rust-lang/crates.io-index",
  // "sparse+https://host/index/", "git+https://host/x?branch=main"; "" for
  // path packages, which have none there. A package which a directory stands
  // in for keeps its registry's source.
  std::string source;
  SourceKind kind = SourceKind::kRegistry;

  friend bool operator==(const PackageSpec&, const PackageSpec&) = default;
};

// Reads "<source>#<name>@<version>", or "<source>#<version>" where the last
// component of the source's path is the name.
// Errors: INVALID_ARGUMENT (malformed; a source of unknown kind).
absl::StatusOr<PackageSpec> ParsePackageSpec(std::string_view pkg_id);

// True if `name` can be a package's: letters (of any alphabet, as UTF-8),
// digits, '-' and '_', at most 256 bytes. So it is safe as a path component.
bool IsPackageName(std::string_view name);

// True if `version` has only the bytes of a semantic version, and no more
// than 256.
bool IsPackageVersion(std::string_view version);

}  // namespace depcache
