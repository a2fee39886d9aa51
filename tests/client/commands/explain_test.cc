#include <nlohmann/json.hpp>

#include "client/cook/last_recipe.h"
#include "tests/client/commands/run_command.h"
#include "tests/support/fake_admin.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;

// In a copy of a workspace; the nearest layer is made of what it is.
class ExplainCommandTest : public CommandTest {
 protected:
  ExplainCommandTest() {
    context_.context.config.server = "cache.example";
    context_.context.open_admin =
        [this](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteAdmin>> {
      return std::make_unique<testing::SharedAdmin>(admin_);
    };
  }
  // The layer of this checkout, with one part changed unless `name` is empty.
  void LetNearestBe(const std::string& name, const std::string& value) {
    const auto input = Load();
    ASSERT_THAT(input, testing::IsOk());
    admin_.explanation = {};
    admin_.explanation.recipe = HashAs<RecipeHash>("theirs");
    for (const auto& [part, text] : input->recipe.parts()) {
      const std::string theirs = part == name ? value : text;
      admin_.explanation.parts.push_back(
          {part, HashAs<PartDigest>(theirs), PartState::kShown, theirs});
    }
  }
  nlohmann::json Explain(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"explain", "--json"});
    context_.terminal.out.clear();
    EXPECT_EQ(Run(more), 0) << context_.terminal.err;
    return nlohmann::json::parse(context_.terminal.out, nullptr, false);
  }
  testing::FakeAdmin admin_;
};

TEST_F(ExplainCommandTest, ADifferenceIsToldWithBothValues) {
  LetNearestBe("profile", "release");
  const nlohmann::json json = Explain();
  EXPECT_EQ(json["result"], "different");
  EXPECT_EQ(json["against"], RecipeHashText(HashAs<RecipeHash>("theirs")));
  ASSERT_EQ(json["parts"].size(), 1) << json;
  EXPECT_EQ(json["parts"][0]["name"], "profile");
  EXPECT_EQ(json["parts"][0]["theirs"]["value"], "release");
  EXPECT_EQ(json["parts"][0]["ours"]["value"], "dev");
  EXPECT_EQ(json["units"], nullptr) << "nothing was cooked here";
  ASSERT_EQ(Run({"explain"}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("profile: release -> dev\n    from --profile"));
  EXPECT_THAT(context_.terminal.out, HasSubstr("is not known before a cook"));
}

TEST_F(ExplainCommandTest, AnEqualLayerExplainsAHit) {
  LetNearestBe("", "");
  EXPECT_EQ(Explain()["result"], "equal");
  EXPECT_EQ(admin_.asked_except, std::nullopt);
}

TEST_F(ExplainCommandTest, ALayerMayBeNamed) {
  LetNearestBe("", "");
  Explain({"--against", "nearest"});
  EXPECT_EQ(admin_.asked_against, std::nullopt);
  const RecipeHash named = HashAs<RecipeHash>("named");
  Explain({"--against", RecipeHashText(named)});
  EXPECT_EQ(admin_.asked_against, named);
  EXPECT_EQ(Run({"explain", "--against", "abc"}), 2);
}

TEST_F(ExplainCommandTest, TheLastCookIsExplainedByWhatItLeft) {
  LetNearestBe("", "");
  EXPECT_EQ(Run({"explain", "--last"}), 3);
  EXPECT_THAT(context_.terminal.err, HasSubstr("nothing was cooked"));
  LastRecipe last;
  last.recipe.Add("profile", "old");
  last.summary.result = "miss";
  last.summary.units_planned = last.summary.units_built = 12;
  folder_.Write("small/target/CACHEDIR.TAG", "");
  ASSERT_THAT(WriteLastRecipe(folder_ / "small/target", last), testing::IsOk());
  const nlohmann::json json = Explain({"--last"});
  EXPECT_EQ(json["recipe"], RecipeHashText(last.recipe.Hash()));
  EXPECT_EQ(admin_.asked_except, last.recipe.Hash()) << "else it would be nearest to itself";
  EXPECT_EQ(json["units"]["built"], 12);
  EXPECT_EQ(Explain()["units"], nullptr) << "the last cook was of another recipe";
}

TEST_F(ExplainCommandTest, AVariableThatTheLastCookSawIsNamedAlone) {
  LetNearestBe("profile", "release");
  LastRecipe last;
  last.recipe.Add("profile", "old");
  last.summary.result = "partial";
  last.summary.other_input = "Z_MODE";
  folder_.Write("small/target/CACHEDIR.TAG", "");
  ASSERT_THAT(WriteLastRecipe(folder_ / "small/target", last), testing::IsOk());
  admin_.explanation = {};
  admin_.explanation.recipe = last.recipe.Hash();
  admin_.explanation.parts.push_back(
      {"profile", HashAs<PartDigest>("old"), PartState::kLeftOut, ""});
  const nlohmann::json json = Explain({"--last"});
  EXPECT_EQ(admin_.asked_against, last.recipe.Hash());
  EXPECT_EQ(json["result"], "different");
  EXPECT_TRUE(json["parts"].empty()) << json;
  ASSERT_EQ(json["causes"].size(), 1) << json;
  EXPECT_EQ(json["causes"][0]["kind"], "variable");
  EXPECT_EQ(json["causes"][0]["input"], "Z_MODE");
  EXPECT_EQ(json["causes"][0]["units"], nullptr);
  ASSERT_EQ(Run({"explain", "--last"}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("saw another Z_MODE"));
}

TEST_F(ExplainCommandTest, WithoutAServerOrALayerThereIsNothingToSay) {
  admin_.has_explanation = false;
  EXPECT_EQ(Run({"explain"}), 3);
  context_.context.config.server.clear();
  EXPECT_EQ(Run({"explain"}), 4);
}

}  // namespace
}  // namespace depcache::client
