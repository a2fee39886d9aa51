#include "client/cook/unit_causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/cargo/cargo_fingerprint.h"

namespace depcache::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PartDigest Value(std::string_view name, std::string_view text) {
  return PredicateValue(PredicateKind::kEnv, name, text);
}

// sys (a script's run, its library) below mid below top; alone beside them.
class UnitCausesTest : public ::testing::Test {
 protected:
  UnitCausesTest() {
    const std::size_t run = Add("sys", UnitKind::kScriptRun, {});
    const std::size_t lib = Add("sys", UnitKind::kLib, {run});
    const std::size_t mid = Add("mid", UnitKind::kLib, {lib});
    Add("top", UnitKind::kLib, {mid});
    Add("alone", UnitKind::kLib, {});
    is_missing_.assign(plan_.units.size(), true);
    is_missing_.back() = false;
  }
  std::size_t Add(const std::string& name, UnitKind kind, std::vector<std::size_t> deps) {
    PlannedUnit unit;
    unit.package = {name, "1.0.0", "registry", SourceKind::kRegistry};
    unit.features = {"a", "b"};
    const bool is_run = kind == UnitKind::kScriptRun;
    const std::string file = is_run ? "run-build-script-build-script-build" : "lib-" + name;
    if (is_run) unit.mode = UnitMode::kRunScript;
    unit.place = {"", "debug", name, "0123456789abcdef", file, name, kind};
    for (const std::size_t dep : deps) unit.deps.push_back({dep, "x"});
    UnitRecord record;
    record.package = {name, "1.0.0", "registry", ""};
    record.place = unit.place;
    Fingerprint fingerprint;
    fingerprint.features = R"(["a", "b"])";
    record.fingerprint = ToJson(fingerprint);
    plan_.units.push_back(std::move(unit));
    records_.push_back(std::move(record));
    return plan_.units.size() - 1;
  }
  std::vector<UnitCause> Explain(const std::vector<std::string>& parts = {}) {
    return CausesOf({plan_, is_missing_, records_, parts, here_});
  }
  // Cargo gives it, and what stands on it, another hash.
  void Rehash(std::size_t from) {
    for (std::size_t i = from; i < 4; ++i) plan_.units[i].place.hash = "fedcba9876543210";
  }

  UnitPlan plan_;
  std::vector<bool> is_missing_;
  std::vector<UnitRecord> records_;
  PredicateValueHere here_ = [](const Predicate& predicate) -> std::optional<PartDigest> {
    if (predicate.name == "UNSET") return std::nullopt;
    return PredicateValue(predicate.kind, predicate.name, "ours");
  };
};

TEST_F(UnitCausesTest, NothingThatIsThereIsExplained) {
  is_missing_.assign(plan_.units.size(), false);
  EXPECT_THAT(Explain({"rustflags"}), IsEmpty());
}

TEST_F(UnitCausesTest, AVariableCostsTheUnitThatSawItAndAllAbove) {
  records_[0].predicates = {{PredicateKind::kEnv, "SYS_DIR", Value("SYS_DIR", "theirs")}};
  const auto causes = Explain();
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kVariable);
  EXPECT_EQ(causes[0].input, "SYS_DIR");
  EXPECT_EQ(causes[0].theirs, "sha256:" + Value("SYS_DIR", "theirs").ToHex());
  EXPECT_EQ(causes[0].ours, "sha256:" + Value("SYS_DIR", "ours").ToHex());
  EXPECT_THAT(causes[0].packages, ElementsAre("sys 1.0.0"));
  EXPECT_EQ(causes[0].units, 4U);
  EXPECT_THAT(ToText(causes[0]), HasSubstr("4 units miss because sys 1.0.0 saw SYS_DIR (theirs sha256:"));
}

TEST_F(UnitCausesTest, AnUnsetVariableAndOneThatHoldsAreToldApart) {
  records_[0].predicates = {{PredicateKind::kEnv, "SAME", Value("SAME", "ours")},
                            {PredicateKind::kEnv, "UNSET", Value("UNSET", "theirs")}};
  const auto causes = Explain();
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].input, "UNSET");
  EXPECT_EQ(causes[0].ours, std::nullopt);
  EXPECT_THAT(ToText(causes[0]), HasSubstr("ours not set"));
}

TEST_F(UnitCausesTest, OneInputSeenByTwoIsOneCause) {
  const Predicate file{PredicateKind::kFile, "/f", HashAs<PartDigest>("theirs")};
  records_[0].predicates = {file};
  records_[4].predicates = {file};
  is_missing_[4] = true;
  const auto causes = Explain();
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kFile);
  EXPECT_THAT(causes[0].packages, ElementsAre("alone 1.0.0", "sys 1.0.0"));
  EXPECT_EQ(causes[0].units, 5U);
}

TEST_F(UnitCausesTest, AnotherVersionIsTheCauseOfWhatStandsOnIt) {
  Rehash(0);
  plan_.units[0].package.version = plan_.units[1].package.version = "2.0.0";
  const auto causes = Explain({"lock"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kVersion);
  EXPECT_EQ(causes[0].input, "sys");
  EXPECT_EQ(causes[0].theirs, "1.0.0");
  EXPECT_EQ(causes[0].ours, "2.0.0");
  EXPECT_EQ(causes[0].units, 4U);
}

TEST_F(UnitCausesTest, OtherFeatures) {
  is_missing_ = {false, false, true, true, false};
  Rehash(2);
  plan_.units[2].features = {"a"};
  const auto causes = Explain({"packages"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kFeatures);
  EXPECT_EQ(causes[0].theirs, "a,b");
  EXPECT_EQ(causes[0].ours, "a");
  EXPECT_EQ(causes[0].units, 2U);
}

TEST_F(UnitCausesTest, AnotherUnitOfThePackageIsOfTheSameCause) {
  is_missing_ = {false, false, true, false, false, true};
  plan_.units[2].place.hash = "fedcba9876543210";
  plan_.units[2].features = {"a"};
  PlannedUnit host = plan_.units[2];
  host.place.hash = "00000000fedcba98";
  host.features = {"a", "b"};
  plan_.units.push_back(host);
  const auto causes = Explain({"packages"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kFeatures);
  EXPECT_EQ(causes[0].units, 2U);
}

TEST_F(UnitCausesTest, FlagsReachEveryUnitAndAreOneCause) {
  const auto causes = Explain({"lock", "rustflags"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kPart);
  EXPECT_EQ(causes[0].input, "rustflags");
  EXPECT_EQ(causes[0].units, 4U);
}

TEST_F(UnitCausesTest, AProfileIsSeenByTheOtherHash) {
  Rehash(0);
  const auto causes = Explain({"profile.settings"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].input, "profile.settings");
}

TEST_F(UnitCausesTest, WhatTheLayerDoesNotHaveIsNew) {
  records_.erase(records_.begin(), records_.begin() + 2);
  const auto causes = Explain({"lock"});
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kNew);
  EXPECT_EQ(causes[0].input, "sys");
}

TEST_F(UnitCausesTest, UnknownIsSaidAsUnknown) {
  Rehash(0);
  const auto causes = Explain();
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].kind, CauseKind::kUnknown);
  EXPECT_THAT(ToText(causes[0]), HasSubstr("is not known"));
}

TEST_F(UnitCausesTest, WithoutAPlanVariablesAndFilesAreLeft) {
  records_[0].predicates = {{PredicateKind::kEnv, "SYS_DIR", Value("SYS_DIR", "theirs")}};
  const auto causes = CausesOf(records_, here_);
  ASSERT_THAT(causes, SizeIs(1));
  EXPECT_EQ(causes[0].input, "SYS_DIR");
  EXPECT_EQ(causes[0].units, 0U);
  EXPECT_THAT(ToText(causes[0]), HasSubstr("sys 1.0.0 saw SYS_DIR"));
}

}  // namespace
}  // namespace depcache::client
