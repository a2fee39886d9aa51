// Cargo.lock, formats 3 and 4 (resolver/encode.rs and ops/lockfile.rs of
// Cargo). They differ only in how source URLs are escaped, and a source is
// opaque text here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

inline constexpr std::size_t kMaxLockedPackages = 20'000;

struct LockedPackage {
  std::string name;
  std::string version;
  std::string source;    // "registry+https://…"; "" for a package of the workspace's own
  std::string checksum;  // "" if the lock has none
  // Indices into Lockfile::packages, ascending.
  std::vector<std::size_t> dependencies;
  // [replace]: the package that stands in for this one.
  std::optional<std::size_t> replacement;

  bool IsLocal() const { return source.empty(); }
  friend bool operator==(const LockedPackage&, const LockedPackage&) = default;
};

struct Lockfile {
  std::int64_t format = 4;
  // In Cargo's order: name, version by its precedence, source.
  std::vector<LockedPackage> packages;
  // [[patch.unused]]: without dependencies.
  std::vector<LockedPackage> unused_patches;

  friend bool operator==(const Lockfile&, const Lockfile&) = default;
};

// Reads all three spellings of a dependency: by name, by name and version, and
// with the source. Unknown keys are left out, as Cargo does. Thread-safe.
// Errors: FAILED_PRECONDITION for another format (1 and 2: the message names
// `cargo generate-lockfile`); INVALID_ARGUMENT.
absl::StatusOr<Lockfile> ParseLockfile(std::string_view text);

// The text Cargo itself would write: it takes the file as up to date.
std::string PrintLockfile(const Lockfile& lock);

// Brings `packages` into Cargo's order, after names or versions were changed.
void SortPackages(Lockfile& lock);

// One line for each package, in order: "name version source checksum: its
// dependencies", for hashing and for people.
std::vector<std::string> LockLines(const Lockfile& lock);

}  // namespace depcache
