#include "client/cook/completion.h"

#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::TestFolder;

// A build directory in which a cook has just put two units.
class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() {
    Stamps stamps;
    for (const char* name : {"a", "b"}) {
      const UnitRecord& record = units_.records[units_.AddLib(name)];
      const TargetLayout& layout = LayoutOf(record.layout);
      Write(layout.HashFile(record.place), "0123456789abcdef");
      for (const UnitFile& file : record.files) {
        Write(layout.FilePath(record.place, file.role, ""), name);
      }
      auto stamp = MakeStamp(folders_.build_dir, record, 1);
      EXPECT_THAT(stamp, IsOk());
      completion_.units.emplace_back(layout.HashFile(record.place), stamp->ref.output);
      stamps[layout.HashFile(record.place)] = *std::move(stamp);
    }
    EXPECT_THAT(WriteStamps(folders_.build_dir, stamps), IsOk());
    completion_.cargo_home = folders_.cargo_home;
    completion_.source_files = {"registry/index/x/.cache/a"};
    folder_.Write("home/.cargo/registry/index/x/.cache/a", "entry");
    completion_.predicates = {{PredicateKind::kEnv, "CFLAGS", std::nullopt}};
    Record();
  }
  void Write(const std::string& relative, std::string_view text) {
    folder_.Write((folders_.build_dir / relative).lexically_relative(folder_.path()), text);
  }
  void Record() { ASSERT_THAT(WriteCompletion(folders_.build_dir, recipe_, completion_), IsOk()); }
  std::size_t Complete(const char* cflags = nullptr) {
    return CompleteUnits(folders_, recipe_, [&](const std::string& name) -> const char* {
      return name == "CFLAGS" ? cflags : nullptr;
    });
  }

  const TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  SampleUnits units_;
  Completion completion_;
  RecipeHash recipe_ = HashAs<RecipeHash>("recipe");
};

TEST_F(CompletionTest, WhatIsAsItWasRecordedIsComplete) { EXPECT_EQ(Complete(), 2U); }

TEST_F(CompletionTest, AnotherRecipeIsNot) {
  recipe_ = HashAs<RecipeHash>("another");
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, AFileThatChangedOrWentMakesItIncomplete) {
  Write(LayoutOf(LayoutKind::kClassic).FilePath(units_.records[1].place, FileRole::kRlib, ""),
        "somebody else's");
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, AUnitOfAnotherOutputIsNotTheOne) {
  completion_.units[0].second = HashAs<OutputDigest>("another build");
  Record();
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, AUnitWithoutAStampIsNotOurs) {
  ASSERT_THAT(WriteStamps(folders_.build_dir, {}), IsOk());
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, WhatAnOfflineBuildReadsMustStillBeThere) {
  std::filesystem::remove(folder_ / "home/.cargo/registry/index/x/.cache/a");
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, AVariableThatABuildScriptReadMustHaveItsValue) {
  EXPECT_EQ(Complete("-O3"), 0U);
}

TEST_F(CompletionTest, AnotherCargoHomeHasOtherFingerprints) {
  const auto moved = folder_ / "home/.cargo2";
  std::filesystem::rename(folders_.cargo_home, moved);
  folders_.cargo_home = moved;
  EXPECT_EQ(Complete(), 0U);
}

TEST_F(CompletionTest, ADamagedRecordIsNone) {
  const auto file = folders_.build_dir / ".depcache" / ("recipe-" + recipe_.ToHex());
  const auto bytes = ReadFile(file, 1 << 20);
  ASSERT_THAT(bytes, IsOk());
  for (std::size_t size = 0; size < bytes->size(); size += 5) {
    ASSERT_THAT(WriteFileAtomic(file, bytes->substr(0, size)), IsOk());
    EXPECT_EQ(Complete(), 0U) << size;
  }
  ASSERT_THAT(WriteFileAtomic(file, *bytes + "x"), IsOk());
  EXPECT_EQ(Complete(), 0U);
}

}  // namespace
}  // namespace depcache::client
