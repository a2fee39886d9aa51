// Cargo's fingerprint of a unit: the JSON beside its hash file, and the hash
// over it. Cargo compares the hash alone; the JSON is what we recompute it
// from when a path in it has changed.
//
// From Cargo's compiler/fingerprint/mod.rs. The JSON's fields stand in the
// order of the struct there, the hash takes them in another; both are equal
// from 1.93 to 1.100 but for the key named at CheckDepInfo.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/sip_hasher.h"

namespace depcache {

// An edge to a unit this one is built from.
struct FingerprintDep {
  std::uint64_t package_id = 0;  // Cargo's hash of the package id
  std::string name;              // as the crate calls it
  bool is_public = false;
  std::uint64_t hash = 0;  // the other unit's FingerprintHash

  friend bool operator==(const FingerprintDep&, const FingerprintDep&) = default;
};

// A text Cargo made: the version of a registry package whose build script
// names no inputs, a commit, a checksum.
struct Precalculated {
  std::string text;
  friend bool operator==(const Precalculated&, const Precalculated&) = default;
};

// A compilation. Cargo then reads the file `dep_info` (dep_info.h).
struct CheckDepInfo {
  std::string dep_info;  // path below the build directory
  // Compare contents, not times. Written as "checksum":false up to 1.99, as
  // "fingerprint":"mtime" from 1.100; both hash alike.
  bool is_by_content = false;
  bool is_method_named = false;  // the later form

  friend bool operator==(const CheckDepInfo&, const CheckDepInfo&) = default;
};

// Files a build script named with rerun-if-changed.
struct RerunIfChanged {
  std::string output;              // path below the build directory
  std::vector<std::string> paths;  // absolute, or below the package
  friend bool operator==(const RerunIfChanged&, const RerunIfChanged&) = default;
};

// A variable a build script named with rerun-if-env-changed.
struct RerunIfEnvChanged {
  std::string variable;
  std::optional<std::string> value;  // nullopt: not set
  friend bool operator==(const RerunIfEnvChanged&, const RerunIfEnvChanged&) = default;
};

using LocalFingerprint =
    std::variant<Precalculated, CheckDepInfo, RerunIfChanged, RerunIfEnvChanged>;

struct Fingerprint {
  std::uint64_t rustc = 0;  // StrHash of `rustc -vV`'s output
  std::string features;
  std::string declared_features;
  std::uint64_t target = 0;
  std::uint64_t profile = 0;
  std::uint64_t path = 0;  // PathHash of the root source file; 0 for runs
  std::vector<FingerprintDep> deps;
  std::vector<LocalFingerprint> local;
  std::vector<std::string> rustflags;
  std::uint64_t config = 0;
  std::uint64_t compile_kind = 0;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// Reads a fingerprint's JSON. What it accepts, ToJson writes back byte by
// byte; so anything a future Cargo adds is refused, never lost.
// Errors: INVALID_ARGUMENT, naming an unknown field or variant.
absl::StatusOr<Fingerprint> ParseFingerprint(std::string_view json);

// The JSON as Cargo writes it. All texts are UTF-8.
std::string ToJson(const Fingerprint& fingerprint);

// Cargo's hash over all fields. Its HashText is the hash file's content.
// Several units may share one hash: never look a unit up by it.
std::uint64_t FingerprintHash(const Fingerprint& fingerprint);

// What a text in a fingerprint is, for whoever replaces it.
enum class FingerprintText {
  kPrecalculated,
  kDepInfoPath,  // CheckDepInfo::dep_info
  kOutputPath,   // RerunIfChanged::output
  kInputPath,    // of RerunIfChanged::paths
  kEnvValue,     // RerunIfEnvChanged::value, where there is one
  kRustflag,
};

// Returns `fingerprint` with each text which may hold a path of this machine
// replaced by what `map` makes of it.
// Errors: those of `map`; INVALID_ARGUMENT if a new text is not UTF-8, which
// Cargo could not write.
using TextMap =
    std::function<absl::StatusOr<std::string>(FingerprintText kind, std::string_view text)>;
absl::StatusOr<Fingerprint> MapTexts(Fingerprint fingerprint, const TextMap& map);

}  // namespace depcache
