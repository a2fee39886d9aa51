#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/toml_value.h"

namespace depcache {

// Variables of an environment, by name.
using Variables = std::map<std::string, std::string>;

// The profiles that make up `name`: itself, what it inherits, and so on to a
// built-in one (profiles.rs of Cargo: "test" inherits "dev", "bench" inherits
// "release"). `inherits` is looked up as Cargo does: variable, configuration,
// root manifest. No other profile can change what is built.
std::vector<std::string> ProfileChain(std::string_view name, const TomlTable& root,
                                      const TomlTable& config, const Variables& variables);

// The settings of `chain` in a table [profile], as lines "release.lto = …".
std::vector<std::string> ProfileLines(const std::vector<std::string>& chain,
                                      const TomlTable& table);

// "x86_64-unknown-linux-gnu" -> "X86_64_UNKNOWN_LINUX_GNU": a key of the
// configuration as it stands in a CARGO_… variable.
std::string VariableForm(std::string_view key);

}  // namespace depcache
