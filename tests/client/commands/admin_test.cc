#include <nlohmann/json.hpp>

#include "tests/client/commands/run_command.h"
#include "tests/support/fake_admin.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdminTest : public CommandTest {
 protected:
  AdminTest() {
    context_.context.config.server = "cache.example";
    context_.context.open_admin =
        [this](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteAdmin>> {
      return std::make_unique<testing::SharedAdmin>(admin_);
    };
  }
  static RecipeHash HashNo(int number) { return HashAs<RecipeHash>(std::to_string(number)); }
  static LayerSummary Layer(int number) {
    return {RecipeHashText(HashNo(number)), "aa", 34, 1 << 20, 1500, "ci", 1'800'000'000};
  }
  testing::FakeAdmin admin_;
};

TEST_F(AdminTest, LayersOfAllPagesAreListed) {
  admin_.pages[""] = {{Layer(1), Layer(2)}, "p2"};
  admin_.pages["p2"] = {{Layer(3)}, ""};
  ASSERT_EQ(Run({"admin", "layers"}), 0);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_THAT(context_.terminal.out, HasSubstr(RecipeHashText(HashNo(i))));
  }
  EXPECT_THAT(context_.terminal.out, HasSubstr("2027-01-15 08:00 UTC  34 units  1.0 MiB  by ci"));
  context_.terminal.out.clear();
  ASSERT_EQ(Run({"admin", "layers", "--json"}), 0);
  const auto json = nlohmann::json::parse(context_.terminal.out);
  ASSERT_EQ(json["layers"].size(), 3);
  EXPECT_EQ(json["layers"][0]["recipe"], RecipeHashText(HashNo(1)));
  EXPECT_EQ(json["layers"][0]["units"], 34);
  EXPECT_EQ(json["layers"][0]["compile_seconds"], 1.5);
}

TEST_F(AdminTest, AListThatLeadsBackEnds) {
  admin_.pages[""] = {{Layer(1)}, "p2"};
  admin_.pages["p2"] = {{Layer(2)}, "p2"};
  EXPECT_EQ(Run({"admin", "layers"}), 4);
}

TEST_F(AdminTest, ALayerIsShownWithoutSecrets) {
  admin_.layers[HashNo(1)] = {
      {Layer(1)},
      {{"env.KEY", HashAs<PartDigest>("x"), PartState::kHidden, ""},
       {"lock", HashAs<PartDigest>("y"), PartState::kShown, "serde 1.0\nitoa 1.0\n"}}};
  ASSERT_EQ(Run({"admin", "show", RecipeHashText(HashNo(1))}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("lock\n    serde 1.0\n    itoa 1.0\n"));
  EXPECT_THAT(context_.terminal.out, HasSubstr("env.KEY\n    (hidden)\n"));
  context_.terminal.out.clear();
  ASSERT_EQ(Run({"admin", "show", RecipeHashText(HashNo(1)), "--json"}), 0);
  const auto json = nlohmann::json::parse(context_.terminal.out);
  EXPECT_EQ(json["parts"]["env.KEY"]["state"], "hidden");
  EXPECT_FALSE(json["parts"]["env.KEY"].contains("value"));
  EXPECT_EQ(json["parts"]["lock"]["value"], "serde 1.0\nitoa 1.0\n");
  EXPECT_EQ(Run({"admin", "show", RecipeHashText(HashNo(2))}), 3);
}

TEST_F(AdminTest, WhatIsEvictedIsGone) {
  admin_.layers[HashNo(1)].variants = {Layer(1), Layer(1)};
  ASSERT_EQ(Run({"admin", "evict", RecipeHashText(HashNo(1))}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("2 layers"));
  EXPECT_EQ(Run({"admin", "evict", RecipeHashText(HashNo(1))}), 3);
}

TEST_F(AdminTest, SuspendedUnitsAreListedAndServedAgain) {
  SuspendedUnit unit;
  unit.unit = {HashAs<UnitKey>("key"), HashAs<OutputDigest>("output")};
  unit.package = "serde 1.0.228";
  unit.principal = "ci";
  unit.reports = {{"ann", ReportReason::kUnusable, "error[E0786]\n", 1'800'000'000}};
  admin_.suspended.units = {unit};
  ASSERT_EQ(Run({"admin", "suspended"}), 0);
  EXPECT_EQ(context_.terminal.out, unit.unit.key.ToHex() +
                                       "  serde 1.0.228, by ci\n"
                                       "    2027-01-15 08:00 UTC  unusable by ann: error[E0786]\n");
  context_.terminal.out.clear();
  ASSERT_EQ(Run({"admin", "suspended", "--json"}), 0);
  const auto json = nlohmann::json::parse(context_.terminal.out);
  ASSERT_EQ(json["units"].size(), 1);
  EXPECT_EQ(json["units"][0]["unit"], unit.unit.key.ToHex());
  EXPECT_EQ(json["units"][0]["reports"][0]["reason"], "unusable");
  EXPECT_EQ(Run({"admin", "serve", unit.unit.key.ToHex()}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("1 outputs of"));
  EXPECT_EQ(Run({"admin", "serve", unit.unit.key.ToHex()}), 3);
}

TEST_F(AdminTest, WrongCommandLinesAreRefused) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"admin"},
                                                {"admin", "drop"},
                                                {"admin", "show"},
                                                {"admin", "evict"},
                                                {"admin", "serve"},
                                                {"admin", "serve", "abc"},
                                                {"admin", "suspended", "abc"},
                                                {"admin", "evict", "abc"},
                                                {"admin", "layers", RecipeHashText(HashNo(1))}}) {
    EXPECT_EQ(Run(words), 2) << words.back();
  }
}

}  // namespace
}  // namespace depcache::client
