// What a recipe is not made of.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/make_recipe.h"
#include "tests/cache/recipe/world.h"

namespace depcache {
namespace {

using ::depcache::testing::EditLock;
using ::depcache::testing::EditManifest;
using ::depcache::testing::EditRoot;
using ::depcache::testing::ExpectChanges;
using ::depcache::testing::PackageAt;
using ::depcache::testing::Replace;
using ::depcache::testing::SetConfig;
using ::depcache::testing::SetVariable;
using ::depcache::testing::Target;
using ::depcache::testing::World;

TEST(RecipeIgnoresTest, WhatManifestsSayToPeopleDoesNotCount) {
  World base;
  base.selection.profile = "release";
  ExpectChanges(
      base, {
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
            });
}

TEST(RecipeIgnoresTest, WhereThingsLieDoesNotCount) {
  World base;
  base.selection.profile = "release";
  ExpectChanges(
      base, {
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
            });
}

TEST(RecipeIgnoresTest, HowAndWhereABuildRunsDoesNotCount) {
  World base;
  base.selection.profile = "release";
  ExpectChanges(
      base,
      {
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

}  // namespace
}  // namespace depcache
