#include <nlohmann/json.hpp>

#include "tests/client/commands/run_command.h"
#include "tests/support/fake_remote.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::testing::HasSubstr;

// The flows have their own tests; here is what the commands add to them.
class CookCommandTest : public CommandTest {
 protected:
  CookCommandTest() {
    context_.context.config.server = "cache.example";
    context_.context.open_remote =
        [](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteCache>> {
      return std::make_unique<FakeRemote>();
    };
  }
};

TEST_F(CookCommandTest, FetchPrintsOneLineForPeople) {
  EXPECT_EQ(Run({"fetch"}), 3);
  EXPECT_EQ(context_.terminal.out, "");
  EXPECT_THAT(context_.terminal.err,
              HasSubstr("miss " + HashOf().ToShortHex() + ": no dependency units"));
}

TEST_F(CookCommandTest, JsonGoesToStandardOutput) {
  EXPECT_EQ(Run({"fetch", "--json"}), 3);
  const nlohmann::json json = nlohmann::json::parse(context_.terminal.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << context_.terminal.out;
  EXPECT_EQ(json["recipe"], RecipeHashText(HashOf()));
  EXPECT_EQ(json["exit_code"], 3);
}

TEST_F(CookCommandTest, QuietSaysNothingOfWhatWentWell) {
  EXPECT_EQ(Run({"fetch", "--quiet"}), 3);
  EXPECT_EQ(context_.terminal.err, "");
}

TEST_F(CookCommandTest, WrongFlagsStopEveryOneOfThem) {
  for (const char* command : {"cook", "fetch", "push"}) {
    context_.terminal.err.clear();
    EXPECT_EQ(Run({command, "--zigbuild"}), 2);
    EXPECT_THAT(context_.terminal.err, HasSubstr("--zigbuild")) << command;
  }
}

TEST_F(CookCommandTest, NoBuildWritesStubsAndAsksNobody) {
  ASSERT_EQ(Run({"prepare"}), 0);
  folder_.Write("empty/recipe.json", folder_.Read("small/recipe.json"));
  context_.context.cwd = folder_ / "empty";
  EXPECT_EQ(Run({"cook", "--no-build", "--recipe-path", "recipe.json"}), 0)
      << context_.terminal.err;
  EXPECT_TRUE(folder_.Has("empty/app/src/main.rs"));
  EXPECT_FALSE(folder_.Has("empty/target"));
}

}  // namespace
}  // namespace depcache::client
