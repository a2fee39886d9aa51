// What a unit says it looked at beyond its package and its key.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/dep_info.h"
#include "cache/layer/predicate.h"
#include "cache/layer/rooted_text.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

// A variable's value as Cargo sees it, or nullptr.
using EnvLookup = std::function<const char*(const std::string& name)>;

// In these variables, which must outlive it.
EnvLookup LookupIn(const std::map<std::string, std::string>& variables);

struct DeclaredInputs {
  const Fingerprint& fingerprint;
  const DepInfo& dep_info;  // empty for runs
  // All sources that the unit's key stands for; and the folder in it which
  // relative paths start from.
  std::filesystem::path package_root;
  std::filesystem::path package_folder;
  const MachineFolders& folders;
  RootMap roots;  // MachineFolders::CommonRoots
  // Static libraries that rustc packed into it (static_archives.h).
  std::vector<std::filesystem::path> archives = {};
  // Variables that its script reads unsaid (script_variables.h), and their
  // values as Cargo sees them.
  std::set<std::string> read = {};
  EnvLookup env = {};
};

// Variables that the build script named or read, or the crate read (env!,
// option_env!), with the values Cargo saw, and files outside the package by
// their content;
// these may be archives that it linked and did not declare.
// Errors: FAILED_PRECONDITION where the unit must not be shared: a declared
// file does not exist (Cargo would run the script at every build), is a
// folder, or is something the build itself makes.
// A variable X_NO_PKG_CONFIG is a question to pkg-config: its answer is then a
// predicate too, as the variable that PkgConfigVariable names.
absl::StatusOr<std::vector<Predicate>> PredicatesOf(const DeclaredInputs& inputs);

// A name that no real variable has: "pkg-config:ZLIB".
std::string PkgConfigVariable(std::string_view library);

// The value of one on this machine: nullopt if the variable is not set or the
// file is not there.
// Errors: INVALID_ARGUMENT (a value or name that has no rooted form here).
absl::StatusOr<std::optional<PartDigest>> ValueHere(PredicateKind kind, const std::string& name,
                                                    const RootMap& roots, const EnvLookup& env);

// Whether all predicates hold on this machine. The first which does not is
// returned for people.
std::optional<std::string> FailingPredicate(const std::vector<Predicate>& predicates,
                                            const RootMap& roots, const EnvLookup& env);

}  // namespace depcache::client
