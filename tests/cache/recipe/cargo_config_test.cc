#include "cache/recipe/cargo_config.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/secret_text.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string Merged(const std::vector<std::string>& texts) {
  const absl::StatusOr<TomlTable> config = MergeConfigs(texts);
  EXPECT_THAT(config, IsOk());
  return config.ok() ? PrintToml(*config) : "";
}

constexpr std::string_view kFullConfig = R"(
include = ["other.toml"]
paths = ["overrides/x"]
target-applies-to-host = true

[alias]
b = "build"
[build]
jobs = 4
rustc = "rustc"
rustc-wrapper = "sccache"
target = ["x86_64-unknown-linux-gnu"]
target-dir = "/tmp/t"
build-dir = "/tmp/b"
rustflags = ["-C", "link-arg=-fuse-ld=lld"]
rustdocflags = ["-x"]
incremental = true
[credential-alias]
x = ["y"]
[env]
PLAIN = "v"
FORCED = { value = "w", force = true }
HERE = { value = "vendor", relative = true }
[future]
key = 1
[host]
linker = "ld"
runner = "r"
[host.x86_64-unknown-linux-gnu]
rustflags = ["-C", "x"]
runner = "r"
[http]
proxy = "http://user:secret@proxy"
[net]
offline = true
[patch.crates-io]
a = { git = "https://example.com/a" }
[profile.release]
lto = "fat"
[registries.acme]
index = "sparse+https://user:hunter2@example.com/index/"
token = "hunter2"
credential-provider = "cargo:token"
secret-key = "hunter2"
[registry]
default = "acme"
token = "hunter2"
[resolver]
lockfile-path = "elsewhere/Cargo.lock"
feature-unification = "workspace"
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "vendor"
unknown = 1
[target.x86_64-unknown-linux-gnu]
linker = "tools/ld.sh"
ar = "tools/ar.sh"
runner = "qemu"
rustflags = ["-C", "a"]
rustdocflags = ["-y"]
[target.x86_64-unknown-linux-gnu.foo]
rustc-link-lib = ["foo"]
[target.'cfg(unix)']
rustflags = ["-C", "b"]
[term]
color = "always"
[unstable]
mtime-on-use = true
)";

TEST(CargoConfigTest, OnlyAllowedKeysTravel) {
  const std::string merged = Merged({std::string(kFullConfig)});
  EXPECT_THAT(merged, Not(HasSubstr("hunter2")));
  ExpectMatchesGolden("recipe/allowed_config.toml", merged);
  EXPECT_EQ(Merged({merged}), merged);
}

TEST(CargoConfigTest, TextsAreMergedAsCargoMergesThem) {
  EXPECT_EQ(Merged({"build.rustflags = ['-a']\nbuild.target = 'x'\n[profile.dev]\nlto = 'thin'\n",
                    "build.rustflags = ['-b', '-c']\n[profile.dev]\nlto = false\ndebug = 1\n",
                    "build.target = 'y'\n"}),
            "[build]\nrustflags = [\"-a\", \"-b\", \"-c\"]\ntarget = \"y\"\n\n"
            "[profile]\ndev = { debug = 1, lto = false }\n");
  EXPECT_EQ(Merged({}), "");
}

TEST(CargoConfigTest, AnArrayAndAStringOfOneKeyDoNotMerge) {
  const absl::Status status =
      MergeConfigs(std::vector<std::string>{"build.rustflags = '-a'", "build.rustflags = ['-b']"})
          .status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status.ToString(), HasSubstr("`build.rustflags`"));
  // Keys that do not count cannot disturb.
  EXPECT_EQ(Merged({"net.offline = true", "net.offline = []"}), "");
}

TEST(CargoConfigTest, IncludesAreListedInOrder) {
  const auto includes = ConfigIncludes(
      "include = ['a.toml', { path = '../b.toml', optional = true }, { path = 'c.toml' }]");
  ASSERT_THAT(includes, IsOk());
  EXPECT_THAT(*includes,
              ElementsAre(ConfigInclude{"a.toml", false}, ConfigInclude{"../b.toml", true},
                          ConfigInclude{"c.toml", false}));
  EXPECT_THAT(*ConfigIncludes("include = 'one.toml'"),
              ElementsAre(ConfigInclude{"one.toml", false}));
  EXPECT_THAT(*ConfigIncludes("include = { path = 'one.toml' }"),
              ElementsAre(ConfigInclude{"one.toml", false}));
  EXPECT_THAT(*ConfigIncludes("[build]"), IsEmpty());
  EXPECT_THAT(ConfigIncludes("include = [1]"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CargoConfigTest, SecretsOfTheEnvTableBecomeDigests) {
  const absl::StatusOr<TomlTable> config = MergeConfigs(
      std::vector<std::string>{"[env]\nAPI_TOKEN = { value = 'hunter2', force = true }\n"
                               "MIRROR = 'https://u:hunter2@h/'\nCFLAGS = '-O2'\n"});
  ASSERT_THAT(config, IsOk());
  const TomlTable clean = WithoutSecrets(*config);
  const std::string text = PrintToml(clean);
  EXPECT_THAT(text, AllOf(Not(HasSubstr("hunter2")), HasSubstr("-O2"), HasSubstr("force = true")));
  EXPECT_EQ(PrintToml(WithoutSecrets(clean)), text);
  EXPECT_THAT(WithheldVariables(clean),
              ElementsAre(Pair("API_TOKEN", ValueDigest("API_TOKEN", "hunter2")),
                          Pair("MIRROR", ValueDigest("MIRROR", "https://u:hunter2@h/"))));
  EXPECT_EQ(PrintToml(WithoutDigests(clean)), "[env]\nCFLAGS = { value = \"-O2\" }\n");
  // A recipe sees the same of both.
  const auto is_public = [](std::string_view name) { return name == "CFLAGS"; };
  EXPECT_EQ(ConfigVariables(clean, is_public), ConfigVariables(*config, is_public));
}

TEST(CargoConfigTest, AVariableIsShownOnlyIfItsNameIsPublic) {
  const absl::StatusOr<TomlTable> config = MergeConfigs(std::vector<std::string>{
      "[env]\nCC = 'clang'\nOTHER = 'x'\nFLAG = { value = 'y', relative = true, force = true }\n"});
  ASSERT_THAT(config, IsOk());
  EXPECT_THAT(ConfigVariables(*config, [](std::string_view name) { return name != "OTHER"; }),
              ElementsAre(Pair("CC", "\"clang\""), Pair("FLAG", "\"y\" force relative"),
                          Pair("OTHER", ValueDigest("OTHER", "x"))));
}

TEST(CargoConfigTest, AHigherTextReplacesAValueOrItsDigest) {
  const std::string secret = PrintToml(WithoutSecrets(
      *MergeConfigs(std::vector<std::string>{"[env]\nMY_TOKEN = { value = 'a', force = true }"})));
  const auto values = [](const std::vector<std::string>& texts) {
    return ConfigVariables(*MergeConfigs(texts), [](std::string_view) { return true; });
  };
  EXPECT_THAT(values({"[env]\nMY_TOKEN = 'b'", secret}),
              ElementsAre(Pair("MY_TOKEN", ValueDigest("MY_TOKEN", "a") + " force")));
  EXPECT_THAT(values({secret, "[env]\nMY_TOKEN = 'b'"}),
              ElementsAre(Pair("MY_TOKEN", ValueDigest("MY_TOKEN", "b") + " force")));
}

TEST(CargoConfigTest, FoldersThatABuildReadsAreListed) {
  const absl::StatusOr<TomlTable> config = MergeConfigs(std::vector<std::string>{
      "paths = ['o']\n[source.a]\ndirectory = 'vendor'\n[source.b]\nlocal-registry = 'local'\n"
      "[source.c]\nregistry = 'https://example.com'\n"});
  ASSERT_THAT(config, IsOk());
  EXPECT_THAT(NeededFolders(*config), ElementsAre("o", "vendor", "local"));
  EXPECT_THAT(NeededFolders(TomlTable()), IsEmpty());
}

TEST(CargoConfigTest, FoldersAreNamedFromElsewhere) {
  const absl::StatusOr<TomlTable> config = MergeConfigs(std::vector<std::string>{
      "paths = ['o', '/p']\n[build]\njobs = 2\n[source.a]\ndirectory = 'vendor'\n"
      "[source.b]\nlocal-registry = '/srv/local'\n[source.c]\nregistry = 'https://example.com'\n"});
  ASSERT_THAT(config, IsOk());
  const TomlTable moved = WithFoldersBelow(*config, "/app");
  EXPECT_THAT(NeededFolders(moved), ElementsAre("/app/o", "/p", "/app/vendor", "/srv/local"));
  TomlTable back = moved;
  for (const char* key : {"paths", "source"}) back[key] = config->at(key);
  EXPECT_EQ(back, *config) << "nothing else changes";
  EXPECT_EQ(WithFoldersBelow(TomlTable(), "/app"), TomlTable());
}

}  // namespace
}  // namespace depcache
