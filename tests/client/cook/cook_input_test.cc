#include "client/cook/cook_input.h"

#include <fstream>
#include <iterator>

#include "cache/recipe/skeleton_json.h"
#include "tests/client/cook/small_checkout.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

class CookInputTest : public SmallCheckout {
 protected:
  // Prepares the checkout, and goes where there is nothing but its recipe.json.
  CargoFlags GoToRecipeAlone() {
    const auto skeleton = LoadSkeleton(context_.context, "", {});
    EXPECT_THAT(skeleton, IsOk());
    folder_.Write("empty/recipe.json", skeleton.ok() ? SkeletonToJson(*skeleton) : "");
    context_.context.cwd = folder_ / "empty";
    CargoFlags flags;
    flags.recipe_path = "recipe.json";
    return flags;
  }
};

TEST_F(CookInputTest, ACheckoutGivesARecipeAndItsFolders) {
  const auto input = Load();
  ASSERT_THAT(input, IsOk());
  EXPECT_FALSE(input->IsRecipeOnly());
  EXPECT_EQ(input->run_dir, folder_ / "small");
  EXPECT_EQ(input->folders.workspace, folder_ / "small");
  EXPECT_EQ(input->folders.build_dir, folder_ / "small/target");
  EXPECT_EQ(input->folders.cargo_home, folder_ / "home/.cargo");
  EXPECT_GT(input->lock.packages.size(), 20U);
  EXPECT_GT(input->recipe.parts().size(), 3U);
  EXPECT_FALSE(folder_.Has("small/target"));
}

TEST_F(CookInputTest, SourcesAndPlacesOfACheckoutDoNotCount) {
  const RecipeHash hash = HashOf();
  folder_.Write("small/util/src/lib.rs", "pub fn changed() {}\n");
  EXPECT_EQ(HashOf(), hash);
  fs::rename(folder_ / "small", folder_ / "moved-away");
  context_.context.cwd = folder_ / "moved-away";
  EXPECT_EQ(HashOf(), hash);
  context_.context.environment["CARGO_HOME"] = folder_ / "other-cargo-home";
  EXPECT_EQ(HashOf(), hash);
}

TEST_F(CookInputTest, WhatReachesACompileCounts) {
  const RecipeHash hash = HashOf();
  CargoFlags release;
  release.release = true;
  EXPECT_NE(HashOf(release), hash);
  context_.context.environment["RUSTFLAGS"] = "-Cdebuginfo=0";
  EXPECT_NE(HashOf(), hash);
}

TEST_F(CookInputTest, AFolderOfTheMachineInAVariableIsItsName) {
  context_.context.environment["CFLAGS"] = "-I " + (folder_ / "small/native").native();
  const RecipeHash hash = HashOf();
  fs::rename(folder_ / "small", folder_ / "elsewhere");
  context_.context.cwd = folder_ / "elsewhere";
  context_.context.environment["CFLAGS"] = "-I " + (folder_ / "elsewhere/native").native();
  EXPECT_EQ(HashOf(), hash);
}

// Cargo has the text of rustc's flags in names and fingerprints of units.
TEST_F(CookInputTest, AFolderOfTheMachineInARustFlagIsItsPath) {
  const std::string here = "-L native=" + (folder_ / "small/native").native();
  context_.context.environment["RUSTFLAGS"] = here;
  const auto input = Load();
  ASSERT_THAT(input, IsOk());
  EXPECT_THAT(input->recipe.parts().at("rustflags"), HasSubstr((folder_ / "small/native").native()));
  fs::rename(folder_ / "small", folder_ / "elsewhere");
  context_.context.cwd = folder_ / "elsewhere";
  EXPECT_EQ(HashOf(), input->recipe.Hash());
  context_.context.environment["RUSTFLAGS"] =
      "-L native=" + (folder_ / "elsewhere/native").native();
  EXPECT_NE(HashOf(), input->recipe.Hash());
}

TEST_F(CookInputTest, AnOptionAndTheFileThatSaysTheSameAreOneRecipe) {
  CargoFlags flags;
  flags.configs = {"build.rustflags = ['--cfg', 'a']"};
  const RecipeHash hash = HashOf(flags);
  EXPECT_NE(HashOf(), hash);
  folder_.Write("small/ci.toml", "build.rustflags = ['--cfg', 'a']");
  flags.configs = {"ci.toml"};
  EXPECT_EQ(HashOf(flags), hash);
  folder_.Write("small/ci.toml", "build.rustflags = ['--cfg', 'b']");
  EXPECT_NE(HashOf(flags), hash);
}

TEST_F(CookInputTest, FoldersOfOptionsAreThoseOfCargo) {
  CargoFlags flags;
  flags.configs = {"build.target-dir = 'built'", "build.build-dir = 'between'"};
  const auto input = Load(flags);
  ASSERT_THAT(input, IsOk());
  EXPECT_EQ(input->folders.target_dir, folder_ / "small/built");
  EXPECT_EQ(input->folders.build_dir, folder_ / "small/between");
}

TEST_F(CookInputTest, VariablesOfTheConfigurationAreSeen) {
  folder_.Write("small/.cargo/config.toml", "[env]\nDATA = { value = 'data', relative = true }\n");
  const auto input = Load();
  ASSERT_THAT(input, IsOk());
  EXPECT_EQ(input->variables.at("DATA"), (folder_ / "small/data").native());
  EXPECT_FALSE(context_.context.environment.contains("DATA"));
}

TEST_F(CookInputTest, AScriptInTheCompilersPlaceCountsByItsText) {
  const RecipeHash hash = HashOf();
  context_.context.environment["RUSTC"] = "rustc";
  EXPECT_EQ(HashOf(), hash);
  const fs::path script = folder_ / "compiler";
  context_.context.environment["RUSTC"] = script;
  const auto hash_with = [&](std::string_view words) {
    folder_.Write("compiler", fmt::format("#!/bin/sh\nexec rustc \"$@\" {}\n", words));
    fs::permissions(script, fs::perms::owner_all);
    return HashOf();
  };
  const RecipeHash scripted = hash_with("");
  EXPECT_NE(scripted, hash);
  EXPECT_NE(hash_with("# changed"), scripted);
}

// Another one was asked already, before the file was read.
TEST_F(CookInputTest, TheCompilerThatAFileChoosesIsWhatCounts) {
  const RecipeHash hash = HashOf();
  folder_.Write("small/.cargo/config.toml", "[build]\nrustc = \"tools/compiler\"\n");
  folder_.Write("small/tools/compiler",
                "#!/bin/sh\nrustc \"$@\" | sed 's/^release: .*/release: 1.2.3/'\n");
  fs::permissions(folder_ / "small/tools/compiler", fs::perms::owner_all);
  const auto input = Load();
  ASSERT_THAT(input, IsOk());
  EXPECT_THAT(input->tools.rustc_version, HasSubstr("release: 1.2.3"));
  EXPECT_NE(input->recipe.Hash(), hash);
}

TEST_F(CookInputTest, TheMemberOfTheCurrentFolderOrManifestIsWhatIsBuilt) {
  const RecipeHash hash = HashOf();
  CargoFlags package;
  package.packages = {"util"};
  const RecipeHash of_member = HashOf(package);
  CargoFlags manifest;
  manifest.manifest_path = "util/Cargo.toml";
  EXPECT_EQ(HashOf(manifest), of_member);
  CargoFlags everything;
  everything.workspace = true;
  context_.context.cwd = folder_ / "small/util/src";
  EXPECT_EQ(HashOf(), of_member);
  EXPECT_EQ(HashOf(everything), hash);
}

TEST_F(CookInputTest, ARecipeFileGivesTheRecipeOfItsCheckout) {
  const auto checkout = Load();
  const CargoFlags flags = GoToRecipeAlone();
  fs::path scratch;
  {
    const auto input = Load(flags);
    ASSERT_THAT(input, IsOk());
    EXPECT_EQ(ChangedParts(input->recipe.Trace(), checkout->recipe.Trace()),
              std::vector<std::string>());
    EXPECT_TRUE(input->IsRecipeOnly());
    EXPECT_EQ(input->folders.target_dir, folder_ / "empty/target");
    scratch = input->run_dir;
    EXPECT_TRUE(fs::exists(scratch / "Cargo.toml"));
  }
  EXPECT_FALSE(fs::exists(scratch));
}

TEST_F(CookInputTest, FoldersOfARecipeFileAreBesideIt) {
  folder_.Write("small/.cargo/config.toml",
                "[source.crates-io]\nreplace-with = 'here'\n[source.here]\ndirectory = 'vendor'\n");
  const CargoFlags flags = GoToRecipeAlone();
  const auto refused = Load(flags);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("the folder 'vendor'"));
  fs::create_directory(folder_ / "empty/vendor");
  const auto input = Load(flags);
  ASSERT_THAT(input, IsOk());
  std::ifstream config(input->run_dir / ".cargo/config.toml");
  const std::string text{std::istreambuf_iterator<char>(config), {}};
  EXPECT_THAT(text, HasSubstr(fmt::format("directory = \"{}\"", (folder_ / "empty/vendor").native())));
}

TEST_F(CookInputTest, TargetFoldersFollowFlagVariableAndConfiguration) {
  CargoFlags flags;
  for (const char* name : {"from-flag", "./from-flag/", "x/../from-flag/."}) {
    flags.target_dir = name;
    EXPECT_EQ(Load(flags)->folders.target_dir, folder_ / "small/from-flag");
    EXPECT_EQ(Load(flags)->folders.build_dir, folder_ / "small/from-flag");
  }
  const CargoFlags recipe = GoToRecipeAlone();
  folder_.Write("empty/.cargo/config.toml",
                "[build]\ntarget-dir = \"configured\"\n"
                "build-dir = \"{workspace-root}/built\"\n");
  EXPECT_EQ(Load(recipe)->folders.target_dir, folder_ / "empty/configured");
  EXPECT_EQ(Load(recipe)->folders.build_dir, folder_ / "empty/built");
  context_.context.environment["CARGO_BUILD_TARGET_DIR"] = "/from/variable";
  EXPECT_EQ(Load(recipe)->folders.target_dir, "/from/variable");
  context_.context.environment["CARGO_BUILD_BUILD_DIR"] = "/x/{workspace-path-hash}";
  EXPECT_THAT(Load(recipe), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(CookInputTest, WithoutALockTheMessageSaysHowToMakeOne) {
  fs::remove(folder_ / "small/Cargo.lock");
  const auto input = Load();
  EXPECT_THAT(input, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(input.status().ToString(), HasSubstr("cargo generate-lockfile"));
}

TEST_F(CookInputTest, OutsideAWorkspaceCargosWordsAreShown) {
  context_.context.cwd = folder_.path();
  const auto input = Load();
  EXPECT_THAT(input, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(input.status().ToString(), HasSubstr("could not find `Cargo.toml`"));
}

TEST_F(CookInputTest, WithoutCargoTheMessageSaysWhereToGetIt) {
  context_.context.environment["CARGO"] = "/no/such/cargo";
  const auto input = Load();
  EXPECT_THAT(input, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(input.status().ToString(), HasSubstr("https://rustup.rs"));
}

TEST_F(CookInputTest, AnUnknownWrapperIsToldApartByItsBytes) {
  const std::string wrapper = folder_.Write("wrap", "#!/bin/sh\nexec \"$@\"\n", 0755);
  const RecipeHash plain = HashOf();
  context_.context.environment["RUSTC_WRAPPER"] = wrapper;
  const RecipeHash wrapped = HashOf();
  EXPECT_NE(wrapped, plain);
  folder_.Write("wrap", "#!/bin/sh\n# other\nexec \"$@\"\n", 0755);
  EXPECT_NE(HashOf(), wrapped);
  context_.context.environment["RUSTC_WRAPPER"] = "sccache";
  EXPECT_EQ(HashOf(), plain);
}

}  // namespace
}  // namespace depcache::client
