#include "cache/recipe/environment_parts.h"

#include <algorithm>
#include <span>

#include "cache/recipe/secret_text.h"

namespace depcache {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxShownBytes = 64 << 10;

// Read by the crates cc, cmake, pkg-config and bindgen, also as HOST_X,
// TARGET_X and X_<platform>.
constexpr std::string_view kToolVariables[] = {
    "AR",
    "ARFLAGS",
    "ASFLAGS",
    "BINDGEN_EXTRA_CLANG_ARGS",
    "CC",
    "CFLAGS",
    "CMAKE",
    "CMAKE_GENERATOR",
    "CMAKE_PREFIX_PATH",
    "CMAKE_TOOLCHAIN_FILE",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "CXXSTDLIB",
    "LD",
    "LDFLAGS",
    "NM",
    "RANLIB",
    "RANLIBFLAGS",
};

constexpr std::string_view kPlainVariables[] = {
    "CARGO_RESOLVER_FEATURE_UNIFICATION",
    "CARGO_TARGET_APPLIES_TO_HOST",
    "CLANG_PATH",
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "CRATE_CC_NO_DEFAULTS",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LIBCLANG_PATH",
    "LIBRARY_PATH",
    "MACOSX_DEPLOYMENT_TARGET",
    "PROTOC",
    "PROTOC_INCLUDE",
    "RUSTC_BOOTSTRAP",
    "SDKROOT",
    "__CARGO_DEFAULT_LIB_METADATA",
    "__CARGO_TEMPORARY_BUILD_DIR_NEW_LAYOUT_OPT_OUT",
};

// CARGO_BUILD_…: where and how fast to build, and what has a part of its own.
constexpr std::string_view kIgnoredBuildKeys[] = {
    "ARTIFACT_DIR",
    "BUILD_DIR",
    "DEP_INFO_BASEDIR",
    "INCREMENTAL",
    "JOBS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
    "TARGET_DIR",
    "WARNINGS",
};

bool IsIn(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// The rest of `name` after `prefix`; "" if it does not start with it.
std::string_view After(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

bool IsToolVariable(std::string_view name, const std::vector<std::string>& platforms) {
  for (const std::string_view prefix : {"HOST_", "TARGET_"}) {
    if (IsIn(kToolVariables, After(name, prefix))) return true;
  }
  for (const std::string_view tool : kToolVariables) {
    const std::string_view suffix = After(name, tool);
    if (name == tool) return true;
    if (!suffix.starts_with('_')) continue;
    for (std::string platform : platforms) {
      if (suffix.substr(1) == platform) return true;
      std::ranges::replace(platform, '-', '_');
      if (suffix.substr(1) == platform) return true;
    }
  }
  return false;
}

bool IsProfileVariable(std::string_view name, const std::vector<std::string>& profiles) {
  const std::string_view key = After(name, "CARGO_PROFILE_");
  return std::ranges::any_of(profiles, [key](const std::string& profile) {
    return key.starts_with(VariableForm(profile) + '_');
  });
}

bool IsPlatformVariable(std::string_view name, const std::vector<std::string>& platforms) {
  const std::string_view key = After(name, "CARGO_TARGET_");
  return std::ranges::any_of(platforms, [key](const std::string& platform) {
    const std::string_view field = After(key, VariableForm(platform));
    return field == "_LINKER" || field == "_AR";
  });
}

bool IsBuildVariable(std::string_view name) {
  const std::string_view key = After(name, "CARGO_BUILD_");
  return !key.empty() && !IsIn(kIgnoredBuildKeys, key);
}

bool IsPartName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  return !name.empty() && name.size() <= kMaxNameBytes &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool Counts(std::string_view name, const std::vector<std::string>& platforms,
            const std::vector<std::string>& profiles) {
  if (IsIn(kPlainVariables, name) || IsToolVariable(name, platforms)) return true;
  if (name.starts_with("PKG_CONFIG") || name.starts_with("CARGO_UNSTABLE_")) return true;
  if (name.starts_with("CARGO_HOST_")) return !name.ends_with("RUNNER");
  if (name.starts_with("CARGO_REGISTRIES_")) return name.ends_with("_INDEX");
  return IsProfileVariable(name, profiles) || IsPlatformVariable(name, platforms) ||
         IsBuildVariable(name);
}

}  // namespace

std::map<std::string, std::string> EnvironmentParts(const Variables& variables,
                                                    const std::vector<std::string>& platforms,
                                                    const std::vector<std::string>& profiles) {
  std::map<std::string, std::string> parts;
  for (const auto& [name, value] : variables) {
    if (!IsPartName(name) || !Counts(name, platforms, profiles)) continue;
    const bool is_shown = IsPublicVariable(name) && value.size() <= kMaxShownBytes &&
                          IsUtf8(value) && !MayBeSecret(name, value);
    parts.emplace(name, is_shown ? value : ValueDigest(name, value));
  }
  return parts;
}

bool IsPublicVariable(std::string_view name) {
  if (IsIn(kPlainVariables, name)) return true;
  for (const std::string_view prefix :
       {"CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_UNSTABLE_", "PKG_CONFIG"}) {
    if (name.starts_with(prefix)) return true;
  }
  for (const std::string_view prefix : {"HOST_", "TARGET_"}) {
    if (IsIn(kToolVariables, After(name, prefix))) return true;
  }
  return std::ranges::any_of(kToolVariables, [name](std::string_view tool) {
    return name == tool || After(name, tool).starts_with('_');
  });
}

}  // namespace depcache
