#include "cache/engine/unit_resolver.h"

#include <gtest/gtest.h>

#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Predicate Env(const std::string& name, const std::string& value) {
  return {PredicateKind::kEnv, name, PredicateValue(PredicateKind::kEnv, name, value)};
}

PlanUnit Planned(const std::string& name, std::vector<std::uint32_t> deps = {}) {
  return PlanUnit{LayerBuilder::InputsOf(name), std::move(deps)};
}

class UnitResolverTest : public EngineFixture {
 protected:
  void StoreUnits(const BuiltLayer& layer, const CallScope& scope = Scope()) {
    ASSERT_THAT(PutBlobs(scope, layer), IsOk());
    ASSERT_THAT(CommitUnits(scope, layer), IsOk());
  }
  UnitResolver Make(std::vector<PlanUnit> plan, const CallScope& scope = Reader()) {
    auto resolver = UnitResolver::Make(cache(), scope, std::move(plan));
    EXPECT_THAT(resolver, IsOk());
    return *std::move(resolver);
  }
  static std::vector<std::uint32_t> Positions(const UnitResolver& resolver) {
    std::vector<std::uint32_t> positions;
    for (const ResolvedUnit& unit : resolver.Resolved()) positions.push_back(unit.position);
    return positions;
  }
};

// Keys chain through outputs: what stands on a unit is found only with it.
TEST_F(UnitResolverTest, FindsBottomUpWhateverRecipeItWasBuiltFor) {
  LayerBuilder builder;
  const UnitRef a = builder.AddUnit("a", "rlib a");
  const UnitRef b = builder.AddUnit("b", "rlib b", {a});
  builder.AddUnit("c", "rlib c", {a, b});
  StoreUnits(builder.Build());
  UnitResolver resolver =
      Make({Planned("a"), Planned("new"), Planned("b", {0}), Planned("c", {0, 2}),
            Planned("on new", {1}), Planned("c", {1, 2})});
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Positions(resolver), ElementsAre(0, 2, 3));
  EXPECT_EQ(resolver.Resolved()[1].ref, b);
}

TEST_F(UnitResolverTest, AnotherOutputBelowIsAnotherKeyAbove) {
  LayerBuilder one;
  const UnitRef a = one.AddUnit("a", "rlib a");
  one.AddUnit("b", "rlib b", {a});
  StoreUnits(one.Build());
  clock().Advance(std::chrono::seconds(1));
  LayerBuilder other;  // a second builder's "a", and what it built on it
  const UnitRef a2 = other.AddUnit("a", "rlib a, but other bytes");
  other.AddUnit("d", "rlib d", {a2});
  StoreUnits(other.Build());
  UnitResolver resolver = Make({Planned("a"), Planned("b", {0}), Planned("d", {0})});
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_EQ(resolver.Resolved()[0].ref, a) << "the first output of a key is the one given";
  EXPECT_THAT(Positions(resolver), ElementsAre(0, 1)) << "d stands on bytes that are not given";
}

TEST_F(UnitResolverTest, AsksOnceForWhatEntriesDeclared) {
  LayerBuilder builder;
  const UnitRef a = builder.AddUnit("a", "rlib a", {}, {Env("CC", "gcc"), Env("X", "1")});
  builder.AddUnit("b", "rlib b", {a}, {Env("CC", "gcc")});
  StoreUnits(builder.Build());
  UnitResolver resolver = Make({Planned("a"), Planned("b", {0})});
  const auto questions = resolver.Advance();
  ASSERT_THAT(questions, IsOkAndHolds(SizeIs(2)));
  EXPECT_EQ((*questions)[0].name, "CC");
  EXPECT_EQ((*questions)[1].name, "X");
  const std::vector<std::optional<PartDigest>> values = {Env("CC", "gcc").value,
                                                         Env("X", "1").value};
  ASSERT_THAT(resolver.Answer(values), IsOk());
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty())) << "CC is known by now";
  EXPECT_THAT(Positions(resolver), ElementsAre(0, 1));
}

TEST_F(UnitResolverTest, TakesTheVariantThatWasBuiltUnderTheCallersValues) {
  const Predicate unset{PredicateKind::kEnv, "OPENSSL_DIR", std::nullopt};
  LayerBuilder first;
  first.AddUnit("a", "with the variable", {}, {Env("OPENSSL_DIR", "/opt/ssl")});
  StoreUnits(first.Build());
  LayerBuilder second;
  const UnitRef without = second.AddUnit("a", "without it", {}, {unset});
  StoreUnits(second.Build());

  UnitResolver resolver = Make({Planned("a")});
  ASSERT_THAT(resolver.Advance(), IsOkAndHolds(SizeIs(1)));
  const std::vector<std::optional<PartDigest>> none = {std::nullopt};
  ASSERT_THAT(resolver.Answer(none), IsOk());
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  ASSERT_THAT(resolver.Resolved(), SizeIs(1));
  EXPECT_EQ(resolver.Resolved()[0].ref, without);

  UnitResolver elsewhere = Make({Planned("a")});
  ASSERT_THAT(elsewhere.Advance(), IsOkAndHolds(SizeIs(1)));
  const std::vector<std::optional<PartDigest>> another = {Env("OPENSSL_DIR", "/usr").value};
  ASSERT_THAT(elsewhere.Answer(another), IsOk());
  EXPECT_THAT(elsewhere.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(elsewhere.Resolved(), IsEmpty());
}

TEST_F(UnitResolverTest, UnitsThatAreNeverSharedCutOffWhatStandsOnThem) {
  LayerBuilder builder;
  const UnitRef a = builder.AddUnit("a", "rlib a");
  builder.AddUnit("b", "rlib b", {a});
  StoreUnits(builder.Build());
  UnitResolver resolver = Make({PlanUnit{}, Planned("a"), Planned("b", {1}), Planned("b", {0, 1})});
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Positions(resolver), ElementsAre(1, 2));
}

TEST_F(UnitResolverTest, UnitWithAHoleIsNotGiven) {
  LayerBuilder builder;
  const UnitRef a = builder.AddUnit("a", RandomPlain(5000, 1));
  builder.AddUnit("b", RandomPlain(5000, 2), {a});
  StoreUnits(builder.Build());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  UnitResolver resolver = Make({Planned("a"), Planned("b", {0})});
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(resolver.Resolved(), IsEmpty());
}

TEST_F(UnitResolverTest, TicketReadsAllOfItAndNothingElse) {
  LayerBuilder builder;
  builder.AddUnit("a", RandomPlain(5000, 1));
  const BuiltLayer mine = builder.Build();
  StoreUnits(mine);
  LayerBuilder hidden;
  hidden.AddUnit("z", RandomPlain(5000, 9));
  const BuiltLayer others = hidden.Build();
  StoreUnits(others, Scope("dev/bob"));
  UnitResolver resolver = Make({Planned("a"), Planned("z")});
  EXPECT_THAT(resolver.Advance(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Positions(resolver), ElementsAre(0)) << "of the caller's scopes only";
  const std::string ticket = resolver.GiveTicket();
  for (const BuiltUnit& unit : mine.units) {
    EXPECT_THAT(Read(Reader(), ticket, {unit.record.hash})[0], IsOk());
  }
  EXPECT_THAT(Read(Reader(), ticket, {others.units[0].record.hash})[0],
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(UnitResolverTest, RefusesWhatIsNoPlanAndWrongAnswers) {
  for (const std::uint32_t dep : {0U, 1U, 4'000'000'000U}) {
    EXPECT_THAT(UnitResolver::Make(cache(), Reader(), {Planned("a", {dep})}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  UnitResolver resolver = Make({Planned("a")});
  const std::vector<std::optional<PartDigest>> unasked = {std::nullopt};
  EXPECT_THAT(resolver.Answer(unasked), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::testing
