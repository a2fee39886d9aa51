#include "cache/recipe/environment_parts.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/secret_text.h"

namespace depcache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const std::vector<std::string> kPlatforms = {"x86_64-unknown-linux-gnu", "wasm32-wasi"};
const std::vector<std::string> kProfiles = {"my-ci", "release"};

std::map<std::string, std::string> Parts(const Variables& variables) {
  return EnvironmentParts(variables, kPlatforms, kProfiles);
}

TEST(EnvironmentPartsTest, WhatChangesDependenciesCountsInClear) {
  for (const std::string name : {
           "CC",
           "CXX",
           "AR",
           "RANLIB",
           "CFLAGS",
           "CXXFLAGS",
           "CPPFLAGS",
           "LDFLAGS",
           "HOST_CC",
           "TARGET_CFLAGS",
           "CC_x86_64-unknown-linux-gnu",
           "CFLAGS_x86_64_unknown_linux_gnu",
           "AR_wasm32-wasi",
           "PKG_CONFIG",
           "PKG_CONFIG_PATH",
           "PKG_CONFIG_ALLOW_CROSS",
           "PKG_CONFIG_SYSROOT_DIR",
           "RUSTC_BOOTSTRAP",
           "CARGO_UNSTABLE_MTIME_ON_USE",
           "CARGO_PROFILE_RELEASE_LTO",
           "CARGO_PROFILE_MY_CI_DEBUG",
           "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
           "CARGO_TARGET_WASM32_WASI_AR",
           "CPATH",
           "LIBRARY_PATH",
           "CMAKE_TOOLCHAIN_FILE",
           "BINDGEN_EXTRA_CLANG_ARGS_wasm32-wasi",
       }) {
    EXPECT_THAT(Parts({{name, "a b"}}), ElementsAre(Pair(name, "a b")));
  }
}

TEST(EnvironmentPartsTest, WhatIsNotKnownToBePublicCountsAsADigest) {
  for (const std::string name :
       {"CARGO_BUILD_FUTURE", "CARGO_REGISTRIES_ACME_INDEX", "CARGO_HOST_LINKER"}) {
    EXPECT_THAT(Parts({{name, "v"}}), ElementsAre(Pair(name, ValueDigest(name, "v"))));
  }
}

TEST(EnvironmentPartsTest, NothingThatLooksLikeASecretIsShown) {
  EXPECT_THAT(
      Parts({{"CFLAGS", "-DURL=https://user:hunter2@host/"}}),
      ElementsAre(Pair("CFLAGS", ValueDigest("CFLAGS", "-DURL=https://user:hunter2@host/"))));
  EXPECT_THAT(Parts({{"PKG_CONFIG_TOKEN", "x"}}),
              ElementsAre(Pair("PKG_CONFIG_TOKEN", ValueDigest("PKG_CONFIG_TOKEN", "x"))));
  const std::string binary = "\xFF\xFE";
  EXPECT_THAT(Parts({{"CC", binary}}), ElementsAre(Pair("CC", ValueDigest("CC", binary))));
  const std::string huge(1 << 20, 'a');
  EXPECT_THAT(Parts({{"CC", huge}}), ElementsAre(Pair("CC", ValueDigest("CC", huge))));
}

TEST(EnvironmentPartsTest, WhatHasNoEffectOrAPartOfItsOwnDoesNotCount) {
  for (const std::string name : {
           "PATH",
           "HOME",
           "USER",
           "TERM",
           "CI",
           "CARGO_HOME",
           "CARGO_TARGET_DIR",
           "CARGO_TERM_COLOR",
           "CARGO_BUILD_JOBS",
           "CARGO_BUILD_TARGET_DIR",
           "CARGO_BUILD_BUILD_DIR",
           "CARGO_BUILD_RUSTFLAGS",
           "CARGO_BUILD_TARGET",
           "CARGO_BUILD_RUSTC_WRAPPER",
           "CARGO_INCREMENTAL",
           "CARGO_NET_OFFLINE",
           "CARGO_HTTP_PROXY",
           "RUSTFLAGS",
           "CARGO_ENCODED_RUSTFLAGS",
           "RUSTC_WRAPPER",
           "RUSTUP_TOOLCHAIN",
           "RUST_BACKTRACE",
           "CARGO_PROFILE_DEV_LTO",
           "CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER",
           "CARGO_TARGET_WASM32_WASI_RUNNER",
           "CARGO_TARGET_WASM32_WASI_RUSTFLAGS",
           "CARGO_HOST_RUNNER",
           "CARGO_REGISTRIES_ACME_TOKEN",
           "CARGO_REGISTRY_TOKEN",
           "CC_aarch64-apple-darwin",
           "CCACHE_DIR",
           "ARCH",
           "HOSTNAME",
           "LDFLAGS_X",
           "CC_x86_64 unknown",
           "AWS_SECRET_ACCESS_KEY",
           "DEPCACHE_SERVER",
           "",
       }) {
    EXPECT_THAT(Parts({{name, "v"}}), IsEmpty()) << name;
  }
}

TEST(EnvironmentPartsTest, ToBeEmptyIsNotToBeUnset) {
  EXPECT_THAT(Parts({{"CC", ""}}), ElementsAre(Pair("CC", "")));
}

TEST(EnvironmentPartsTest, PublicVariablesArePathsAndFlags) {
  EXPECT_TRUE(IsPublicVariable("CFLAGS"));
  EXPECT_TRUE(IsPublicVariable("CC_anything"));
  EXPECT_TRUE(IsPublicVariable("PKG_CONFIG_PATH"));
  EXPECT_FALSE(IsPublicVariable("OPENSSL_DIR"));
  EXPECT_FALSE(IsPublicVariable("DATABASE_URL"));
  EXPECT_FALSE(IsPublicVariable("CCACHE"));
}

}  // namespace
}  // namespace depcache
