// What a recipe is made of: one case for each input, with the parts it changes.

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

TEST(RecipeInputsTest, DependenciesOfMembersCount) {
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
      });
}

TEST(RecipeInputsTest, FeaturesAndKindsOfTargetsCount) {
  ExpectChanges({}, {
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
                           TargetText& lib =
                               PackageAt(world.workspace, "crates/core/Cargo.toml").targets[0];
                           lib.crate_types = {"rlib", "cdylib"};
                           lib.kinds = {"rlib", "cdylib"};
                         },
                         {"packages"}},
                        {"a member gets its first build script",
                         [](World& world) {
                           PackageAt(world.workspace, "crates/core/Cargo.toml")
                               .targets.push_back(Target("custom-build", "build-script-build",
                                                         "crates/core/build.rs"));
                         },
                         {"packages"}},
                    });
}

TEST(RecipeInputsTest, TheLockAndTheRootsSettingsCount) {
  ExpectChanges(
      {}, {
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

TEST(RecipeInputsTest, TheConfigurationCounts) {
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

TEST(RecipeInputsTest, OptionsCount) {
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

TEST(RecipeInputsTest, TheMachineCounts) {
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
          {"a vendored file",
           edit([](CookEnvironment& e) { e.directory_packages = {"a 1.0.0 77", "b 2.0.0 88"}; }),
           {"sources.directory"}},
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

}  // namespace
}  // namespace depcache
