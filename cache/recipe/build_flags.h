// Which platforms are compiled for, and with which flags: what Cargo takes from
// options, variables and configuration together (compiler/build_config.rs and
// build_context/target_info.rs, extra_args).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/cook_selection.h"
#include "cache/recipe/profile_view.h"
#include "cache/recipe/toml_value.h"

namespace depcache {

// The platforms asked for: --target, else CARGO_BUILD_TARGET, else
// build.target; sorted, each once, "host-tuple" replaced. Empty: no --target,
// which is another build than one that names the host.
std::vector<std::string> EffectiveTargets(const CookSelection& selection,
                                          const Variables& variables, const TomlTable& config,
                                          const std::string& host_triple);

// A custom target is named by the path of its JSON file, "specs/arm.json", and
// known as "arm".
bool IsTargetSpec(std::string_view target);
std::string ShortTargetName(std::string_view target);

// The names of all platforms that something is compiled for, the host's first.
std::vector<std::string> PlatformNames(const std::vector<std::string>& targets,
                                       const std::string& host_triple);

// The flags for rustc, one line each, in order: those of
// CARGO_ENCODED_RUSTFLAGS, else of RUSTFLAGS, else of target.<triple>, else of
// `build`. Where several platforms have flags, or some depend on a
// target.cfg(…) that only rustc could evaluate, all that may apply are listed,
// each with where it stands.
std::vector<std::string> RustflagLines(const Variables& variables, const TomlTable& config,
                                       const std::vector<std::string>& targets,
                                       const std::string& host_triple);

// The [target] table without flags, and without platforms that nothing is
// compiled for.
TomlTable PlatformTables(const TomlTable& config, const std::vector<std::string>& platforms);

}  // namespace depcache
