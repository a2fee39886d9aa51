#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/profile_view.h"

namespace depcache {

// What of an environment can change a compiled dependency before any build
// script ran, as variable -> text. Counted:
// - Cargo's own: RUSTC_BOOTSTRAP, CARGO_UNSTABLE_*, CARGO_BUILD_* but for those
//   that say where or how fast, CARGO_PROFILE_* of `profiles`,
//   CARGO_TARGET_*_{LINKER,AR} of `platforms`, CARGO_HOST_*,
//   CARGO_REGISTRIES_*_INDEX;
// - what the crates cc, pkg-config, cmake and bindgen read, with their HOST_,
//   TARGET_ and platform forms;
// - what gcc and clang read themselves and no build script declares.
// Not counted: flags for rustc and the target, which have parts of their own
// (build_flags.h), wrappers, and everything else; what build scripts declare
// to read is known only after a build, and is the layer's variant.
//
// A value is given in clear only where IsPublicVariable says so and nothing
// about it looks like a secret; else as its digest.
std::map<std::string, std::string> EnvironmentParts(const Variables& variables,
                                                    const std::vector<std::string>& platforms,
                                                    const std::vector<std::string>& profiles);

// Whether values of this variable, flags and paths of tools, may be shown.
bool IsPublicVariable(std::string_view name);

}  // namespace depcache
