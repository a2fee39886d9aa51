// Cargo's configuration files (.cargo/config.toml): the keys which can change
// a compiled dependency, merged as Cargo merges them (context/config_value.rs).
//
// Kept: build.{target,rustflags}; target.*.{rustflags,linker,ar} and the tables
// which stand in for build scripts (target.<triple>.<links>); host, the same;
// target-applies-to-host; profile; env; source.* and registries.* without
// credentials; patch; paths; resolver.{feature-unification,
// incompatible-rust-versions}; unstable.
// Never: net, http, term, alias, credentials, tokens, registry, jobs,
// target-dir, build-dir, wrappers, runners, and every key not named above.

#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/toml_value.h"

namespace depcache {

struct ConfigInclude {
  std::string path;  // as written: relative to the folder of the file that names it
  bool is_optional = false;
  friend bool operator==(const ConfigInclude&, const ConfigInclude&) = default;
};

// The files that a configuration text includes, in order. Each counts as lower
// in precedence than the text itself and than the includes after it; the
// caller reads them, and their includes in turn.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<ConfigInclude>> ConfigIncludes(std::string_view text);

// Joins the kept part of several texts, lowest precedence first: of scalars
// the last wins, arrays are joined in this order, tables key by key. Relative
// paths stay as written; absolute ones below folders of the machine are for
// the caller to replace by placeholders beforehand. Thread-safe.
// Errors: INVALID_ARGUMENT (no TOML, or a key holds an array or a table in one
// text and something else in another, which Cargo refuses too).
absl::StatusOr<TomlTable> MergeConfigs(std::span<const std::string> texts);

// `config`, fit to be stored and sent. A value of [env] which may be a secret
// (secret_text.h) gives way to `{ digest = "sha256:…" }`, so that it still
// counts in a recipe.
TomlTable WithoutSecrets(const TomlTable& config);

// `config` as Cargo can read it: what WithoutSecrets took is left out.
TomlTable WithoutDigests(const TomlTable& config);

// The variables whose values WithoutSecrets took, with their digests. Who
// cooks without the workspace's own configuration must have them in the
// environment, with values of that digest (ValueDigest).
std::map<std::string, std::string> WithheldVariables(const TomlTable& config);

// Folders whose contents a build with `config` reads: vendored sources, local
// registries and `paths`, as written. Who cooks from a recipe.json alone must
// have them beside it.
std::vector<std::string> NeededFolders(const TomlTable& config);

// `config` as it reads in another folder: those folders that are relative
// begin with `root`.
TomlTable WithFoldersBelow(TomlTable config, std::string_view root);

// Name -> text for the recipe: the value in clear if `is_public` says so for
// the name and it is no secret, else its digest; `force` and `relative` added.
std::map<std::string, std::string> ConfigVariables(const TomlTable& config,
                                                   bool (*is_public)(std::string_view name));

}  // namespace depcache
