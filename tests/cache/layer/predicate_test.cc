#include "cache/layer/predicate.h"

#include <set>

#include <gtest/gtest.h>

#include "cache/layer/limits.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

absl::StatusOr<std::vector<Predicate>> Decode(std::string_view bytes) {
  Reader reader(bytes);
  std::vector<Predicate> predicates = DecodePredicates(reader);
  const absl::Status status = reader.Finish("predicates");
  if (!status.ok()) return status;
  return predicates;
}

std::string Encoded(const std::vector<Predicate>& predicates) {
  Writer writer;
  Encode(writer, predicates);
  return writer.Take();
}

TEST(PredicateTest, DigestsAreAsInTheGoldenFile) {
  const std::vector<Predicate> sample = SampleUnit().predicates;
  std::string text = "env CC=gcc       " + PredicateValue(PredicateKind::kEnv, "CC", "gcc").ToHex();
  text += "\nenv CC=          " + PredicateValue(PredicateKind::kEnv, "CC", "").ToHex();
  text += "\nfile CC gcc      " + PredicateValue(PredicateKind::kFile, "CC", "gcc").ToHex();
  text += "\nvariant of none  " + VariantOf({}).ToHex();
  text += "\nvariant sample   " + VariantOf(sample).ToHex() + "\n" + HexLines(Encoded(sample));
  ExpectMatchesGolden("layer/predicate.v1", text);
}

TEST(PredicateTest, ValuesAreBoundToKindAndName) {
  const std::set<PartDigest> values = {
      PredicateValue(PredicateKind::kEnv, "A", "secret"),
      PredicateValue(PredicateKind::kEnv, "B", "secret"),
      PredicateValue(PredicateKind::kFile, "A", "secret"),
      PredicateValue(PredicateKind::kEnv, "As", "ecret"),
      PredicateValue(PredicateKind::kEnv, "A", ""),
      HashAs<PartDigest>("secret"),
  };
  EXPECT_EQ(values.size(), 6) << "two kinds of values have one digest, or a bare hash is stored";
}

TEST(PredicateTest, UnsetIsNotEmpty) {
  const Predicate unset{PredicateKind::kEnv, "A", std::nullopt};
  const Predicate empty{PredicateKind::kEnv, "A", PredicateValue(PredicateKind::kEnv, "A", "")};
  EXPECT_NE(VariantOf({unset}), VariantOf({empty}));
}

TEST(PredicateTest, NormalizedSortsAndDropsRepetition) {
  const Predicate a{PredicateKind::kEnv, "A", std::nullopt};
  const Predicate b{PredicateKind::kEnv, "B", std::nullopt};
  const Predicate file{PredicateKind::kFile, "A", std::nullopt};
  EXPECT_THAT(Normalized({file, b, a, b}), ElementsAre(a, b, file));
}

TEST(PredicateTest, TwoValuesOfOneNameBothStay) {
  // No machine has both: such a layer is then used nowhere, which is right.
  const Predicate unset{PredicateKind::kEnv, "A", std::nullopt};
  const Predicate set{PredicateKind::kEnv, "A", IdOf<PartDigest>('x')};
  EXPECT_THAT(Normalized({set, unset}), ElementsAre(unset, set));
}

TEST(PredicateTest, OnlyNormalisedListsAreRead) {
  const std::vector<Predicate> sample = SampleUnit().predicates;
  EXPECT_THAT(Decode(Encoded(sample)), IsOkAndHolds(sample));
  std::vector<Predicate> turned = sample;
  std::swap(turned[0], turned[2]);
  EXPECT_THAT(Decode(Encoded(turned)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Decode(Encoded({sample[0], sample[0]})),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PredicateTest, CountAndNameHaveLimits) {
  const auto list = [](std::size_t count, std::size_t name_bytes) {
    std::vector<Predicate> predicates;
    for (std::size_t i = 0; i < count; ++i) {
      predicates.push_back({PredicateKind::kEnv, std::to_string(10'000 + i), std::nullopt});
    }
    predicates[0].name = std::string(name_bytes, '0');
    return Encoded(predicates);
  };
  EXPECT_THAT(Decode(list(kMaxPredicates, 5)), IsOk());
  EXPECT_THAT(Decode(list(kMaxPredicates + 1, 5)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Decode(list(1, kMaxNameBytes)), IsOk());
  EXPECT_THAT(Decode(list(1, kMaxNameBytes + 1)), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::testing
