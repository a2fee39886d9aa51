#include "cache/recipe/make_recipe.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/recipe_parts.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::Locked;
using ::depcache::testing::PackageAt;
using ::depcache::testing::Replace;
using ::depcache::testing::SmallEnvironment;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::StatusIs;
using ::depcache::testing::Target;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// All that a recipe is made of.
struct World {
  WorkspaceText workspace = SmallWorkspace();
  Narrowing narrowing;
  CookSelection selection;
  CookEnvironment environment = SmallEnvironment();

  std::string& Manifest(std::string_view member) {
    return PackageAt(workspace, "crates/" + std::string(member) + "/Cargo.toml").text;
  }
  std::string& Root() { return PackageAt(workspace, "Cargo.toml").text; }
};

absl::StatusOr<Recipe> Make(const World& world) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(world.workspace, world.narrowing);
  EXPECT_THAT(skeleton, IsOk());
  if (!skeleton.ok()) return skeleton.status();
  return MakeRecipe(*skeleton, world.selection, world.environment);
}

Recipe Made(const World& world) {
  absl::StatusOr<Recipe> recipe = Make(world);
  EXPECT_THAT(recipe, IsOk());
  return recipe.ok() ? *std::move(recipe) : Recipe();
}

std::string PartOf(const World& world, const std::string& name) {
  const Recipe recipe = Made(world);
  const auto found = recipe.parts().find(name);
  return found == recipe.parts().end() ? "(absent)" : found->second;
}

TEST(MakeRecipeTest, AllPartsArePinned) {
  World world;
  world.selection.profile = "fast";
  world.selection.features = {"fast"};
  world.selection.packages = {"app", "tool"};
  world.selection.targets = {"wasm32-wasi", "specs/arm.json"};
  world.workspace.configs = {"build.rustflags = ['-C', 'force-frame-pointers']\n"};
  world.environment.variables = {{"CC", "clang"}, {"CARGO_BUILD_FUTURE", "x"}, {"HOME", "/h"}};
  world.environment.target_specs = {{"specs/arm.json", "{\"arch\": \"arm\"}"}};
  const Recipe recipe = Made(world);
  std::string text = RecipeHashText(recipe.Hash()) + '\n';
  for (const auto& [name, value] : recipe.parts()) text += "\n== " + name + '\n' + value + '\n';
  ExpectMatchesGolden("recipe/parts.txt", text);
}

struct Change {
  std::string_view what;
  std::function<void(World&)> make;
  std::vector<std::string> parts;  // that differ; empty: the recipe stays
};

void ExpectChanges(const World& base, const std::vector<Change>& changes) {
  const Recipe before = Made(base);
  for (const Change& change : changes) {
    World world = base;
    change.make(world);
    const Recipe after = Made(world);
    EXPECT_THAT(ChangedParts(before.Trace(), after.Trace()), ElementsAreArray(change.parts))
        << change.what;
    EXPECT_EQ(before.Hash() == after.Hash(), change.parts.empty()) << change.what;
    for (const auto& [name, value] : after.parts()) EXPECT_TRUE(IsRecipePart(name)) << name;
  }
}

auto EditManifest(std::string_view member, std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(world.Manifest(member), from, to); };
}
auto EditRoot(std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(world.Root(), from, to); };
}
auto EditLock(std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(*world.workspace.lock, from, to); };
}
auto SetVariable(std::string name, std::string value) {
  return [=](World& world) { world.environment.variables[name] = value; };
}
auto SetConfig(std::string text) {
  return [=](World& world) { world.workspace.configs = {text}; };
}

TEST(MakeRecipeTest, EveryInputOfTheWorkspaceThatMattersChangesItsPart) {
  ExpectChanges(
      {},
      {
          {"a dependency is added",
           EditManifest("app", "itoa = \"1\"", "itoa = \"1\"\nnom = \"7\""),
           {"packages"}},
          {"a dev-dependency is added",
           EditManifest("app", "[dev-dependencies]", "[dev-dependencies]\nnom = \"7\""),
           {"packages"}},
          {"a build-dependency is added",
           EditManifest("tool", "[build-dependencies]", "[build-dependencies]\nnom = \"7\""),
           {"packages"}},
          {"a platform's dependency is added",
           EditManifest("app", "libc = \"0.2\"", "libc = \"0.2\"\nnom = \"7\""),
           {"packages"}},
          {"a dependency's feature",
           EditManifest("app", "itoa = \"1\"", "itoa = { version = \"1\", features = [\"x\"] }"),
           {"packages"}},
          {"a dependency's default features",
           EditManifest("tool", "regex = \"1\"",
                        "regex = { version = \"1\", default-features = false }"),
           {"packages"}},
          {"a dependency's requirement",
           EditManifest("app", "itoa = \"1\"", "itoa = \"1.0.5\""),
           {"packages"}},
          {"a dependency becomes optional",
           EditManifest("app", "itoa = \"1\"", "itoa = { version = \"1\", optional = true }"),
           {"packages"}},
          {"an inherited dependency's feature",
           EditRoot("features = [\"derive\"]", "features = [\"derive\", \"rc\"]"),
           {"packages"}},
          {"a member's feature",
           EditManifest("app", "fast = [\"serde/rc\"]", "fast = []"),
           {"packages"}},
          {"a member becomes a proc-macro",
           [](World& world) {
             PackageAt(world.workspace, "crates/core/Cargo.toml").targets[0] =
                 Target("proc-macro", "core", "crates/core/src/lib.rs");
           },
           {"packages"}},
          {"a library becomes a cdylib too",
           [](World& world) {
             TargetText& lib = PackageAt(world.workspace, "crates/core/Cargo.toml").targets[0];
             lib.crate_types = {"rlib", "cdylib"};
             lib.kinds = {"rlib", "cdylib"};
           },
           {"packages"}},
          {"a member gets its first build script",
           [](World& world) {
             PackageAt(world.workspace, "crates/core/Cargo.toml")
                 .targets.push_back(
                     Target("custom-build", "build-script-build", "crates/core/build.rs"));
           },
           {"packages"}},
          {"the lock moves a package", EditLock("1.0.10", "1.0.17"), {"lock"}},
          {"a checksum in the lock",
           [](World& world) {
             std::string& lock = *world.workspace.lock;
             const std::size_t at = lock.find("checksum = \"") + 12;
             lock[at] = lock[at] == '0' ? '1' : '0';
           },
           {"lock"}},
          {"the lock moves a package to another source",
           EditLock("registry+https://github.com/rust-lang/crates.io-index",
                    "sparse+https://example.com/"),
           {"lock"}},
          {"a dependency's own dependencies",
           EditLock(" \"libc\",\n]\n\n[[package]]\nname = \"tool\"",
                    " \"libc\",\n \"cc\",\n]\n\n[[package]]\nname = \"tool\""),
           {"lock"}},
          {"the resolver", EditRoot("resolver = \"2\"", "resolver = \"3\""), {"resolver"}},
          {"a nightly feature of the root",
           EditRoot("\n[workspace]", "cargo-features = [\"x\"]\n[workspace]"),
           {"workspace"}},
          {"a patch that the lock uses",
           [](World& world) {
             world.Root() += "\n[patch.crates-io]\nitoa = { path = \"vendor/itoa\" }\n";
             world.workspace.packages.push_back({"vendor/itoa/Cargo.toml",
                                                 "[package]\nname = \"itoa\"\nversion = "
                                                 "\"1.0.10\"\n[dependencies]\nlibc = \"0.2\"\n",
                                                 false,
                                                 {}});
             std::string& lock = *world.workspace.lock;
             const std::size_t at = lock.find("source", lock.find("name = \"itoa\""));
             lock.erase(at, lock.find("\n\n", at) - at + 1);
           },
           {"lock", "packages", "patch"}},
          {"the profile's settings in a manifest",
           EditRoot("[profile.release]", "[profile.dev]\ndebug = 1\n[profile.release]"),
           {"profile.settings"}},
      });
}

TEST(MakeRecipeTest, EveryInputOfTheConfigurationThatMattersChangesItsPart) {
  World base;
  base.environment.outer_configs = {"[build]\nrustflags = ['-a']\n"};
  ExpectChanges(
      base,
      {
          {"flags", SetConfig("build.rustflags = ['-b']"), {"rustflags"}},
          {"flags of a platform",
           SetConfig("target.'cfg(unix)'.rustflags = ['-b']"),
           {"rustflags"}},
          {"flags of a configuration above the workspace",
           [](World& world) { world.environment.outer_configs[0] = "build.rustflags = ['-c']"; },
           {"rustflags"}},
          {"flags given with --config",
           [](World& world) { world.selection.configs = {"build.rustflags = ['-c']"}; },
           {"rustflags"}},
          {"the target", SetConfig("build.target = 'wasm32-wasi'"), {"targets"}},
          {"a linker",
           SetConfig("target.x86_64-unknown-linux-gnu.linker = 'tools/ld.sh'"),
           {"config.target"}},
          {"what stands in for a build script",
           SetConfig("target.x86_64-unknown-linux-gnu.ssl.rustc-link-lib = ['ssl']"),
           {"config.target"}},
          {"the profile", SetConfig("profile.dev.opt-level = 1"), {"config.profile"}},
          {"a variable", SetConfig("env.OPENSSL_DIR = '/opt'"), {"config.env"}},
          {"a variable is forced",
           SetConfig("env.OPENSSL_DIR = { value = '/opt', force = true }"),
           {"config.env"}},
          {"a source",
           SetConfig("[source.crates-io]\nreplace-with = 'v'\n[source.v]\ndirectory = 'v'"),
           {"config.source"}},
          {"a registry",
           SetConfig("registries.acme.index = 'https://example.com'"),
           {"config.registries"}},
          {"a patch", SetConfig("patch.crates-io.itoa.git = 'https://example.com'"), {}},
          {"an override", SetConfig("paths = ['o']"), {"config.paths"}},
          {"unstable", SetConfig("unstable.mtime-on-use = true"), {"config.unstable"}},
          {"host flags", SetConfig("host.rustflags = ['-x']"), {"config.host"}},
          {"target-applies-to-host",
           SetConfig("target-applies-to-host = false"),
           {"config.target-applies-to-host"}},
          {"feature unification",
           SetConfig("resolver.feature-unification = 'workspace'"),
           {"config.resolver"}},
      });
  World patched = base;
  Replace(
      *patched.workspace.lock,
      "version = \"1.0.10\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"",
      "version = \"1.0.10\"\nsource = \"git+https://example.com#1\"");
  ExpectChanges(patched, {{"a patch that the lock uses",
                           SetConfig("patch.crates-io.itoa.git = 'https://example.com'"),
                           {"config.patch"}}});
}

TEST(MakeRecipeTest, EveryOptionThatMattersChangesItsPart) {
  const auto select = [](auto edit) { return [edit](World& world) { edit(world.selection); }; };
  ExpectChanges(
      {},
      {
          {"check", select([](CookSelection& s) { s.command = CookCommand::kCheck; }), {"command"}},
          {"a profile",
           select([](CookSelection& s) { s.profile = "release"; }),
           {"profile", "profile.settings"}},
          {"a target", select([](CookSelection& s) { s.targets = {"wasm32-wasi"}; }), {"targets"}},
          {"the host as a target",
           select([](CookSelection& s) { s.targets = {"host-tuple"}; }),
           {"targets"}},
          {"features",
           select([](CookSelection& s) { s.features = {"fast"}; }),
           {"selection.features"}},
          {"all features",
           select([](CookSelection& s) { s.all_features = true; }),
           {"selection.features"}},
          {"no default features",
           select([](CookSelection& s) { s.no_default_features = true; }),
           {"selection.features"}},
          {"a package that is none of the workspace's",
           select([](CookSelection& s) { s.packages = {"serde"}; }),
           {"selection.packages"}},
          {"one package",
           select([](CookSelection& s) { s.packages = {"tool"}; }),
           {"lock", "packages", "selection.packages"}},
          {"all but one package",
           select([](CookSelection& s) {
             s.workspace = true;
             s.excluded = {"tool"};
           }),
           {"lock", "packages", "selection.packages"}},
          {"binaries", select([](CookSelection& s) { s.bins = true; }), {"selection.targets"}},
          {"one binary",
           select([](CookSelection& s) { s.bin_names = {"app"}; }),
           {"packages", "selection.targets"}},
          {"tests",
           select([](CookSelection& s) { s.tests = true; }),
           {"packages", "selection.targets"}},
          {"everything",
           select([](CookSelection& s) { s.all_targets = true; }),
           {"packages", "selection.targets"}},
          {"an unstable flag",
           select([](CookSelection& s) { s.unstable_flags = {"no-index-update"}; }),
           {"selection.unstable"}},
          {"a whole workspace that is one anyway",
           select([](CookSelection& s) { s.workspace = true; }),
           {}},
          {"the default profile by its name", select([](CookSelection& s) { s.profile = ""; }), {}},
      });
}

TEST(MakeRecipeTest, EveryInputOfTheMachineThatMattersChangesItsPart) {
  const auto edit = [](auto change) {
    return [change](World& world) { change(world.environment); };
  };
  ExpectChanges(
      {},
      {
          {"another compiler",
           edit([](CookEnvironment& e) { Replace(e.rustc_version, "59807616e1f", "59807616e1e"); }),
           {"rustc"}},
          {"another cargo",
           edit([](CookEnvironment& e) { Replace(e.cargo_version, "1.95", "1.96"); }),
           {"cargo"}},
          {"a wrapper",
           edit([](CookEnvironment& e) { e.wrapper_digest = "sha256:77"; }),
           {"rustc.wrapper"}},
          {"another libc",
           edit([](CookEnvironment& e) { e.host_facts["libc"] = "musl 1.2"; }),
           {"host.libc"}},
          {"a further fact",
           edit([](CookEnvironment& e) { e.host_facts["linker"] = "mold"; }),
           {"host.linker"}},
          {"RUSTFLAGS", SetVariable("RUSTFLAGS", "-C debuginfo=1"), {"rustflags"}},
          {"CARGO_ENCODED_RUSTFLAGS",
           SetVariable("CARGO_ENCODED_RUSTFLAGS", "-Cdebuginfo=1"),
           {"rustflags"}},
          {"CARGO_BUILD_RUSTFLAGS", SetVariable("CARGO_BUILD_RUSTFLAGS", "-x"), {"rustflags"}},
          {"CARGO_BUILD_TARGET", SetVariable("CARGO_BUILD_TARGET", "wasm32-wasi"), {"targets"}},
          {"CARGO_PROFILE_DEV_DEBUG",
           SetVariable("CARGO_PROFILE_DEV_DEBUG", "1"),
           {"env.CARGO_PROFILE_DEV_DEBUG"}},
          {"CC", SetVariable("CC", "clang"), {"env.CC"}},
          {"CC set to nothing", SetVariable("CC", ""), {"env.CC"}},
          {"CFLAGS of the host's platform",
           SetVariable("CFLAGS_x86_64_unknown_linux_gnu", "-g"),
           {"env.CFLAGS_x86_64_unknown_linux_gnu"}},
          {"PKG_CONFIG_PATH", SetVariable("PKG_CONFIG_PATH", "/opt"), {"env.PKG_CONFIG_PATH"}},
          {"RUSTC_BOOTSTRAP", SetVariable("RUSTC_BOOTSTRAP", "1"), {"env.RUSTC_BOOTSTRAP"}},
          {"the opt-out of a layout",
           SetVariable("__CARGO_TEMPORARY_BUILD_DIR_NEW_LAYOUT_OPT_OUT", "1"),
           {"env.__CARGO_TEMPORARY_BUILD_DIR_NEW_LAYOUT_OPT_OUT"}},
          {"the native CPU",
           SetVariable("RUSTFLAGS", "-Ctarget-cpu=native"),
           {"host.cpu", "rustflags"}},
          {"the native CPU for C",
           SetVariable("CFLAGS", "-march=native"),
           {"env.CFLAGS", "host.cpu"}},
      });
}

TEST(MakeRecipeTest, WhatDoesNotMatterChangesNothing) {
  World base;
  base.selection.profile = "release";
  ExpectChanges(
      base,
      {
          {"a comment", [](World& world) { world.Manifest("app") += "# a comment\n"; }, {}},
          {"a member's version",
           EditManifest("tool", "version = \"0.9.0\"", "version = \"1.0.0\""),
           {}},
          {"a member's edition", EditManifest("tool", "2021", "2024"), {}},
          {"a description", EditManifest("app", "the application", "the program"), {}},
          {"authors, licence, lints",
           EditManifest(
               "tool", "version = \"0.9.0\"",
               "authors = [\"A\"]\nlicense = \"MIT\"\n[lints.rust]\nunsafe_code = \"deny\""),
           {}},
          {"the version a local dependency asks for",
           EditManifest("core", "version = \"=3.1.4\"", "version = \"3\""),
           {}},
          {"an inherited dependency that nobody uses",
           EditRoot("unused = \"9\"", "unused = \"8\""),
           {}},
          {"another profile", EditRoot("opt-level = 2", "opt-level = 3"), {}},
          {"another profile's variable", SetVariable("CARGO_PROFILE_DEV_LTO", "true"), {}},
          {"a member's own profile",
           [](World& world) { world.Manifest("app") += "[profile.release]\ndebug = true\n"; },
           {}},
          {"members listed otherwise",
           EditRoot("[\"crates/*\"]",
                    "[\"crates/tool\", \"crates/app\", \"crates/core\", \"crates/macros\"]"),
           {}},
          {"a further binary",
           [](World& world) {
             PackageAt(world.workspace, "crates/tool/Cargo.toml")
                 .targets.push_back(Target("bin", "more", "crates/tool/src/bin/more.rs"));
           },
           {}},
          {"a first test, as none is built",
           [](World& world) {
             PackageAt(world.workspace, "crates/core/Cargo.toml")
                 .targets.push_back(Target("test", "t", "crates/core/tests/t.rs"));
           },
           {}},
          {"a source file's name",
           [](World& world) {
             PackageAt(world.workspace, "crates/tool/Cargo.toml").targets[0].path =
                 "crates/tool/src/it.rs";
           },
           {}},
          {"a member moved to another folder",
           [](World& world) {
             PackageText& macros = PackageAt(world.workspace, "crates/macros/Cargo.toml");
             macros.manifest_path = "libs/deep/macros/Cargo.toml";
             macros.targets[0].path = "libs/deep/macros/src/lib.rs";
             Replace(world.Manifest("core"), "../macros", "../../libs/deep/macros");
             Replace(world.Root(), "\"crates/*\"", "\"crates/*\", \"libs/deep/macros\"");
           },
           {}},
          {"a lock of format 3", EditLock("version = 4", "version = 3"), {}},
          {"a toolchain file",
           [](World& world) {
             world.workspace.toolchain = ToolchainFile{"rust-toolchain", "stable", {}};
           },
           {}},
          {"jobs and folders in the configuration",
           SetConfig("[build]\njobs = 1\ntarget-dir = 't'\nbuild-dir = 'b'\nincremental = true\n"
                     "[term]\ncolor = 'never'\n[net]\noffline = true\n"),
           {}},
          {"flags of a platform that is not compiled for",
           SetConfig("target.wasm32-wasi.rustflags = ['-x']\ntarget.wasm32-wasi.linker = 'x'\n"),
           {}},
          {"folders and terminals in the environment",
           [](World& world) {
             for (const std::string name :
                  {"HOME", "CARGO_HOME", "CARGO_TARGET_DIR", "TERM", "PWD", "CARGO_BUILD_JOBS",
                   "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER"}) {
               world.environment.variables[name] = "x";
             }
           },
           {}},
          {"line ends of a tool's output",
           [](World& world) {
             world.environment.cargo_version = "cargo 1.95.0 (f2d3ce0bd 2026-03-21)\r\n";
             world.environment.rustc_version += "\n\n";
           },
           {}},
          {"the CPU, as no flag asks for it",
           [](World& world) { world.environment.host_facts["cpu"] = "other"; },
           {}},
          {"a patch that the lock does not use",
           [](World& world) {
             world.Root() += "\n[patch.crates-io]\nnobody = { git = \"https://example.com\" }\n";
             *world.workspace.lock +=
                 "\n[[patch.unused]]\nname = \"nobody\"\nversion = \"1.0.0\"\nsource = "
                 "\"git+https://example.com#1\"\n";
           },
           {}},
      });
}

TEST(MakeRecipeTest, FlagsFromAnyPlaceThatMeanTheSameAreTheSame) {
  World plain;
  plain.environment.variables["RUSTFLAGS"] = "-C  debuginfo=1";
  World encoded;
  encoded.environment.variables["CARGO_ENCODED_RUSTFLAGS"] =
      "-C\x1f"
      "debuginfo=1";
  World hidden = plain;
  hidden.workspace.configs = {"build.rustflags = ['-x']\n"};
  EXPECT_EQ(Made(encoded).Hash(), Made(plain).Hash());
  EXPECT_EQ(Made(hidden).Hash(), Made(plain).Hash());
  World option;
  option.selection.targets = {"wasm32-wasi"};
  World variable;
  variable.environment.variables["CARGO_BUILD_TARGET"] = "wasm32-wasi";
  EXPECT_EQ(Made(option).Hash(), Made(variable).Hash());
}

TEST(MakeRecipeTest, ASelectionOfPackagesLeavesTheOthersOut) {
  World base;
  base.selection.packages = {"app"};
  EXPECT_THAT(PartOf(base, "packages"), Not(HasSubstr("tool")));
  EXPECT_THAT(PartOf(base, "lock"), Not(HasSubstr("regex")));
  ExpectChanges(base, {
                          {"a member that is not selected",
                           EditManifest("tool", "regex = \"1\"", "regex = \"1\"\nnom = \"7\""),
                           {}},
                          {"its part of the lock", EditLock("1.10.0", "1.11.0"), {}},
                          {"a member below the selected one",
                           EditManifest("macros", "syn = \"2\"", "syn = \"2\"\nnom = \"7\""),
                           {"packages"}},
                      });
}

TEST(MakeRecipeTest, WithTheFirstResolverASelectionLeavesNothingOut) {
  World base;
  base.selection.packages = {"app"};
  Replace(base.Root(), "resolver = \"2\"", "resolver = \"1\"");
  EXPECT_THAT(PartOf(base, "packages"), HasSubstr("tool: "));
  EXPECT_THAT(PartOf(base, "lock"), HasSubstr("regex"));
  World unified;
  unified.selection.packages = {"app"};
  unified.environment.variables["CARGO_RESOLVER_FEATURE_UNIFICATION"] = "workspace";
  EXPECT_THAT(PartOf(unified, "packages"), HasSubstr("tool: "));
  World configured;
  configured.selection.packages = {"app"};
  configured.environment.outer_configs = {"resolver.feature-unification = 'workspace'"};
  EXPECT_THAT(PartOf(configured, "lock"), HasSubstr("regex"));
}

TEST(MakeRecipeTest, ANarrowedSkeletonAndASelectionGiveOneRecipe) {
  for (const std::string package : {"app", "core", "macros", "tool"}) {
    World selected;
    selected.selection.packages = {package};
    World narrowed = selected;
    narrowed.narrowing.packages = {package};
    EXPECT_EQ(Made(narrowed).parts(), Made(selected).parts()) << package;
  }
}

TEST(MakeRecipeTest, ALockOlderThanTheManifestsCountsWhole) {
  World world;
  world.selection.packages = {"tool"};
  Replace(world.Manifest("tool"), "name = \"tool\"", "name = \"renamed\"");
  world.selection.packages = {"renamed"};
  EXPECT_THAT(PartOf(world, "lock"), HasSubstr("syn "));
}

TEST(MakeRecipeTest, NoSecretIsInAnyPart) {
  World world;
  world.workspace.configs = {
      "[env]\nMY_TOKEN = 'hunter2'\nPLAIN = 'hunter2'\n"
      "[registries.acme]\nindex = 'https://me:hunter2@example.com'\ntoken = 'hunter2'\n"
      "[source.x]\nregistry = 'https://hunter2@example.com'\n"};
  world.environment.outer_configs = world.workspace.configs;
  world.environment.variables = {{"CARGO_REGISTRIES_ACME_INDEX", "https://hunter2@x"},
                                 {"CARGO_REGISTRY_TOKEN", "hunter2"},
                                 {"CFLAGS", "-DX=https://a:hunter2@b"},
                                 {"CARGO_BUILD_FUTURE", "hunter2"},
                                 {"PKG_CONFIG_SECRET", "hunter2"}};
  const Recipe recipe = Made(world);
  EXPECT_GE(recipe.parts().size(), 12U);
  for (const auto& [name, value] : recipe.parts()) {
    EXPECT_THAT(value, Not(HasSubstr("hunter2"))) << name;
  }
}

TEST(MakeRecipeTest, WhatCannotBeCachedOrIsNotKnownIsRefused) {
  struct Case {
    absl::StatusCode code;
    std::string_view message;
    std::function<void(World&)> make;
  };
  const auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  const auto kArgument = absl::StatusCode::kInvalidArgument;
  const Case cases[] = {
      {kPrecondition, "build-std",
       [](World& w) { w.selection.unstable_flags = {"build-std=core"}; }},
      {kPrecondition, "build-std", SetConfig("unstable.build-std = ['core']")},
      {kPrecondition, "build-std", SetVariable("CARGO_UNSTABLE_BUILD_STD", "core")},
      {kPrecondition, "artifact",
       EditManifest("app", "itoa = \"1\"", "itoa = { version = \"1\", artifact = \"bin\" }")},
      {kPrecondition, "commit",
       [](World& w) {
         Replace(w.environment.rustc_version, "59807616e1fa2540724bfbac14d7976d7e4a3860",
                 "unknown");
       }},
      {kPrecondition, "CPU",
       [](World& w) {
         w.environment.variables["RUSTFLAGS"] = "-C target-cpu=native";
         w.environment.host_facts.erase("cpu");
       }},
      {kArgument, "rustc -vV", [](World& w) { w.environment.rustc_version = ""; }},
      {kArgument, "`arm.json` is missing", [](World& w) { w.selection.targets = {"arm.json"}; }},
      {kArgument, "`.json` is no target", [](World& w) { w.selection.targets = {".json"}; }},
      {kArgument, "`x/.json` is no target", [](World& w) { w.selection.targets = {"x/.json"}; }},
      {kArgument, "name", [](World& w) { w.environment.host_facts["a b"] = "x"; }},
      {kArgument, "name", [](World& w) { w.environment.host_facts[""] = "x"; }},
      {kArgument, "bytes", [](World& w) { w.environment.wrapper_digest.assign(20 << 20, 'x'); }},
      {kArgument, "Cargo's configuration", [](World& w) { w.environment.outer_configs = {"["}; }},
      {kArgument, "Cargo's configuration",
       [](World& w) {
         w.environment.outer_configs = {"build.target = 'a'"};
         w.selection.configs = {"build.target = ['b']"};
       }},
  };
  for (const Case& test : cases) {
    World world;
    test.make(world);
    const absl::Status status = Make(world).status();
    EXPECT_THAT(status, StatusIs(test.code)) << test.message;
    EXPECT_THAT(status.ToString(), HasSubstr(test.message));
  }
}

TEST(MakeRecipeTest, ACompilerWithoutACommitIsKnownByItsDigest) {
  World world;
  Replace(world.environment.rustc_version, "59807616e1fa2540724bfbac14d7976d7e4a3860", "unknown");
  world.environment.rustc_digest = "sha256:1";
  EXPECT_EQ(PartOf(world, "rustc.digest"), "sha256:1");
  World known;
  known.environment.rustc_digest = "sha256:1";
  EXPECT_EQ(PartOf(known, "rustc.digest"), "(absent)");
}

TEST(MakeRecipeTest, ASkeletonFromElsewhereThatDoesNotFitIsRefused) {
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(SmallWorkspace());
  ASSERT_THAT(skeleton, IsOk());
  Skeleton broken = *skeleton;
  broken.manifests[1].contents = "[";
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  broken = *skeleton;
  broken.manifests.erase(broken.manifests.begin() + 2);
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  broken = *skeleton;
  broken.lock = "version = 9\n";
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(MakeRecipe({}, {}, SmallEnvironment()), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
