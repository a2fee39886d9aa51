#include "client/cook/restore_flow.h"

#include "client/cook/completion.h"
#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::TestContext;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;

class RestoreFlowTest : public ::testing::Test {
 protected:
  RestoreFlowTest() {
    input_.folders = MachineBelow(folder_.path());
    input_.run_dir = input_.folders.workspace;
    input_.recipe.Add("rustc", "1.95.0");
    EXPECT_THAT(CreateDirectories(input_.folders.workspace), IsOk());
    const std::size_t a = units_.AddLib("a");
    units_.AddLib("b", {a});
  }
  // A layer of all units, as the server answers with it.
  LayerAnswer Layer(std::vector<Predicate> predicates = {}, std::uint32_t left_out = 0) {
    LayerIndex index;
    index.left_out = left_out;
    for (std::size_t i = 0; i < units_.records.size(); ++i) {
      index.units.push_back({units_.RefOf(i), units_.remote.Put(Encode(units_.records[i]))});
    }
    LayerAnswer answer;
    answer.variants.emplace_back();
    answer.variants[0].predicates = std::move(predicates);
    answer.variants[0].index = units_.Store(Encode(index)).blobs;
    return answer;
  }
  absl::StatusOr<RestoreOutcome> Restore(const LayerAnswer& answer) {
    summary_ = {};
    return RestoreFromLayer(context_.context, input_, units_.remote, answer, summary_);
  }
  fs::path PathOf(std::size_t unit, FileRole role) {
    const UnitRecord& record = units_.records[unit];
    return input_.folders.build_dir / LayoutOf(record.layout).FilePath(record.place, role, "");
  }
  std::size_t Complete() {
    return CompleteUnits(input_.folders, input_.recipe.Hash(),
                         [](const std::string&) { return nullptr; });
  }

  const TestFolder folder_;
  TestContext context_{folder_.path()};
  CookInput input_;
  SampleUnits units_;
  CookSummary summary_;
};

TEST_F(RestoreFlowTest, AWholeLayerIsRestoredAndRecordedAsComplete) {
  EXPECT_EQ(Complete(), 0U);
  EXPECT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  EXPECT_EQ(summary_.units_restored, 2U);
  EXPECT_EQ(summary_.units_planned, 2U);
  EXPECT_EQ(summary_.server_error, "");
  EXPECT_GT(summary_.bytes_written, 0U);
  EXPECT_TRUE(fs::exists(PathOf(1, FileRole::kRlib)));
  EXPECT_TRUE(fs::exists(input_.folders.target_dir / "CACHEDIR.TAG"));
  EXPECT_EQ(Complete(), 2U);
}

TEST_F(RestoreFlowTest, AnotherOutputUnderOneHashReplacesOurs) {
  ASSERT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  // As of a crate that reads a variable: Cargo's hash does not know its value.
  units_.records[1].files[0].is_executable = true;
  EXPECT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  EXPECT_EQ(summary_.units_restored, 1U);
  EXPECT_EQ(summary_.units_present, 1U);
}

TEST_F(RestoreFlowTest, WhatIsThereIsNotWrittenAgain) {
  ASSERT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  const auto time = fs::last_write_time(PathOf(0, FileRole::kRlib));
  EXPECT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  EXPECT_EQ(summary_.units_present, 2U);
  EXPECT_EQ(summary_.units_restored, 0U);
  EXPECT_EQ(fs::last_write_time(PathOf(0, FileRole::kRlib)), time);
}

TEST_F(RestoreFlowTest, AVariantIsTakenOnlyWhereItsPredicatesHold) {
  LayerAnswer answer = Layer(
      {{PredicateKind::kEnv, "CFLAGS", PredicateValue(PredicateKind::kEnv, "CFLAGS", "-O3")}});
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kNothing));
  EXPECT_THAT(summary_.server_error, HasSubstr("CFLAGS"));
  EXPECT_FALSE(fs::exists(PathOf(0, FileRole::kRlib)));
  // Another variant may do.
  answer.variants.push_back(answer.variants[0]);
  answer.variants[1].predicates = {{PredicateKind::kEnv, "CFLAGS", std::nullopt}};
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kWhole));
}

TEST_F(RestoreFlowTest, WhatNeedsANewerCLibraryIsNotRestored) {
  units_.records[1].glibc_minor = 40;
  input_.recipe.Add("host.libc", "glibc 2.36");
  EXPECT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kNothing));
  EXPECT_THAT(summary_.server_error, HasSubstr("needs glibc 2.40"));
  EXPECT_FALSE(fs::exists(PathOf(0, FileRole::kRlib)));
}

TEST_F(RestoreFlowTest, UnitsThatWereNeverSharedAreLeftForCargo) {
  EXPECT_THAT(Restore(Layer({}, 3)), IsOkAndHolds(RestoreOutcome::kPartial));
  EXPECT_EQ(summary_.units_planned, 5U);
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(RestoreFlowTest, AUnitWhoseBytesAreGoneIsNamedAndTheRestRestored) {
  const LayerAnswer answer = Layer();
  units_.remote.frames.erase(
      std::get<BlobContent>(units_.records[1].files[1].content).blobs[0].hash);
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kPartial));
  EXPECT_EQ(summary_.units_restored, 1U);
  ASSERT_EQ(summary_.skipped.size(), 1U);
  EXPECT_EQ(summary_.skipped[0].package, "b");
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(RestoreFlowTest, AServerThatLiesOrGoesAwayLeavesTheFolderAsItWas) {
  LayerAnswer answer = Layer();
  units_.remote.frames[answer.variants[0].index[0].hash] = CompressFrame("lies");
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kNothing));
  EXPECT_NE(summary_.server_error, "");
  answer = Layer();
  units_.remote.breaks_after = 1;
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kNothing));
  units_.remote.broken = Unavailable("gone");
  EXPECT_THAT(Restore(answer), IsOkAndHolds(RestoreOutcome::kNothing));
  EXPECT_FALSE(fs::exists(PathOf(0, FileRole::kRlib)));
}

// Members stand on units that are replaced: Cargo must build them again.
TEST_F(RestoreFlowTest, WhatStoodOnAReplacedUnitIsNoLongerFresh) {
  ASSERT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  const std::string hash_file = LayoutOf(LayoutKind::kClassic).HashFile(units_.records[0].place);
  const auto text = ReadFile(input_.folders.build_dir / (hash_file + ".json"), 1 << 20);
  Fingerprint member;
  member.deps = {{1, "a", false, FingerprintHash(*ParseFingerprint(*text))}};
  const UnitPlace place = SampleUnits::PlaceOf("member", UnitKind::kLib);
  const fs::path member_hash =
      input_.folders.build_dir / LayoutOf(LayoutKind::kClassic).HashFile(place);
  ASSERT_THAT(CreateDirectories(member_hash.parent_path()), IsOk());
  ASSERT_THAT(WriteFileAtomic(member_hash, "0123456789abcdef"), IsOk());
  ASSERT_THAT(WriteFileAtomic(member_hash.native() + ".json", ToJson(member)), IsOk());
  fs::remove(PathOf(0, FileRole::kRlib));  // so that the unit is written again
  fs::remove(input_.folders.build_dir / hash_file);
  ASSERT_THAT(Restore(Layer()), IsOkAndHolds(RestoreOutcome::kWhole));
  EXPECT_FALSE(fs::exists(member_hash));
}

}  // namespace
}  // namespace depcache::client
