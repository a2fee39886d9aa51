// Where Cargo keeps what it has from registries, below $CARGO_HOME/registry:
//
//   index/<registry>/config.json       where crates are downloaded from
//   index/<registry>/.cache/se/rd/serde  known versions (index_cache.h)
//   cache/<registry>/serde-1.0.228.crate
//   src/<registry>/serde-1.0.228/      unpacked by Cargo when it needs it
//
// From Cargo's sources/registry/mod.rs and util/canonical_url.rs. The names
// must not change between versions, says Cargo's own test of them.

#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace depcache {

// Cargo.lock's source of packages from crates.io, whichever way they come.
inline constexpr std::string_view kCratesIoSource =
    "registry+https://github.com/rust-lang/crates.io-index";

// How Cargo reaches crates.io (`registries.crates-io.protocol`).
enum class CratesIoProtocol { kSparse, kGit };

// Folder name of a registry: host, '-' and 16 digits. `source` is as in
// Cargo.lock: "registry+https://…" or "sparse+https://…".
// Errors: INVALID_ARGUMENT (another kind of source; no URL; a host that is no
// safe name).
absl::StatusOr<std::string> RegistryDirName(std::string_view source,
                                            CratesIoProtocol protocol = CratesIoProtocol::kSparse);

// Whether the index of `source` is plain files, which can be written for
// Cargo; an index in git cannot.
bool IsSparseRegistry(std::string_view source,
                      CratesIoProtocol protocol = CratesIoProtocol::kSparse);

// "se/rd/serde", "3/s/syn", "2/cc", "1/x": a crate's file below `.cache`, in
// lower case. Errors: INVALID_ARGUMENT (no ASCII package name).
absl::StatusOr<std::string> IndexPath(std::string_view package);

// "serde-1.0.228.crate". Errors: INVALID_ARGUMENT (no name or version).
absl::StatusOr<std::string> CrateFileName(std::string_view package, std::string_view version);

// config.json of crates.io's sparse index, for an empty $CARGO_HOME.
std::string CratesIoConfig();

// What of another machine's config.json of a sparse registry may be written
// here, where Cargo reads it: from where crates are downloaded, which Cargo
// compares with the lock's checksums. Not the address of the registry's API, to
// which tokens are sent; and that downloads need the token only where they come
// from the host that has the index. Cargo reads the whole file again when it
// looks into the index.
// Errors: INVALID_ARGUMENT (too large; not JSON; no "dl", or none that is a web
// address without a user's name; downloads from another host need the token).
absl::StatusOr<std::string> PortableRegistryConfig(std::string_view json, std::string_view source);

// How that file is named on the server, where .crate files are named by their
// checksums: 64 hex digits, the SHA-256 of "depcache.registry-config.v1\n" and
// the registry's source as Cargo.lock has it.
std::string RegistryConfigChecksum(std::string_view source);

}  // namespace depcache
