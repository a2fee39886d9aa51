#include "client/restore/restore_plan.h"

#include <random>

#include "cache/cargo/mtime_plan.h"
#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

class RestorePlanTest : public ::testing::Test {
 protected:
  absl::StatusOr<RestorePlan> Plan() {
    if (present_.size() != units_.records.size()) present_.resize(units_.records.size());
    return MakeRestorePlan({units_.records, present_, folders_,
                            [&](const std::filesystem::path& path) -> std::optional<std::int64_t> {
                              const auto time = times_.find(path);
                              if (time == times_.end()) return std::nullopt;
                              return time->second;
                            }});
  }
  const PlannedFile* Find(const RestorePlan& plan, std::string_view ending) {
    for (const PlannedFile& file : plan.files) {
      if (file.path.native().ends_with(ending)) return &file;
    }
    return nullptr;
  }

  SampleUnits units_;
  MachineFolders folders_ = MachineBelow("/m");
  std::vector<PresentUnit> present_;
  std::map<std::filesystem::path, std::int64_t> times_;
};

TEST_F(RestorePlanTest, AUnitWithoutInputsGetsTheBaseTimeAndItsFilesToo) {
  units_.AddLib("a");
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->units[0].time, kBaseTime);
  EXPECT_EQ(plan->files.size(), 3U);
  for (const PlannedFile& file : plan->files) EXPECT_EQ(file.time, kBaseTime) << file.path;
  EXPECT_TRUE(plan->units[0].hash_path.native().starts_with(folders_.build_dir.native() + "/"));
  EXPECT_EQ(plan->units[0].json_path.native(), plan->units[0].hash_path.native() + ".json");
}

TEST_F(RestorePlanTest, InputsOfABuildScriptThatCargoLooksAtRaiseTheTime) {
  units_.AddRun("a", {}, "", {}, {"/etc/version", "/m/home/.cargo/registry/src/x/file", "gone"});
  times_["/etc/version"] = 2'000'000'000;
  times_["/m/home/.cargo/registry/src/x/file"] = 2'100'000'000;  // Cargo does not look there
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->units[0].time, 2'000'000'000);
}

TEST_F(RestorePlanTest, FilesAmongThePredicatesRaiseTheTime) {
  units_.AddLib("a");
  units_.records[0].predicates = {
      Predicate{PredicateKind::kEnv, "/m/not-a-file", std::nullopt},
      Predicate{PredicateKind::kFile, Placeholder(Root::kWorkspace) + "/version.txt", {}}};
  times_["/m/home/shop/version.txt"] = 1'900'000'000;
  times_["/m/not-a-file"] = 2'200'000'000;
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->units[0].time, 1'900'000'000);
}

// What Cargo checks: no file of a unit is older than one of a dependency, nor
// than an input. And no unit is newer than it must be.
TEST_F(RestorePlanTest, TimesAreTheLeastThatCargoTakesForFreshInAnyGraph) {
  std::mt19937 random(7);  // NOLINT: the same graphs at every run
  for (int round = 0; round < 40; ++round) {
    SampleUnits units;
    std::vector<PresentUnit> present;
    std::map<std::filesystem::path, std::int64_t> times;
    std::vector<std::vector<std::size_t>> deps;
    for (std::size_t i = 0; i < 12; ++i) {
      deps.emplace_back();
      for (std::size_t d = 0; d < i; ++d) {
        if (random() % 4 == 0) deps.back().push_back(d);
      }
      const std::string name = fmt::format("u{}", i);
      const std::string input = fmt::format("/inputs/{}", i);
      times[input] = kBaseTime + static_cast<std::int64_t>(random() % 1000);
      if (random() % 2 == 0) {
        units.AddRun(name, deps.back(), "", {}, {input});
      } else {
        units.AddLib(name, deps.back());
        times[input] = 0;
      }
      const bool is_kept = random() % 4 == 0;
      present.push_back(
          {is_kept, is_kept ? kBaseTime + static_cast<std::int64_t>(random() % 2000) : 0});
    }
    const auto plan = MakeRestorePlan({units.records, present, folders_, [&](const auto& path) {
                                         return std::optional(times.at(path));
                                       }});
    ASSERT_THAT(plan, IsOk());
    for (std::size_t i = 0; i < deps.size(); ++i) {
      std::int64_t least =
          std::max({kBaseTime, times[fmt::format("/inputs/{}", i)], present[i].newest});
      for (const std::size_t dep : deps[i]) least = std::max(least, plan->units[dep].time);
      EXPECT_EQ(plan->units[i].time, least) << "round " << round << ", unit " << i;
      EXPECT_EQ(plan->units[i].is_written, !present[i].is_kept);
    }
    for (const PlannedFile& file : plan->files) {
      EXPECT_FALSE(present[file.unit].is_kept) << file.path;
      if (file.is_folder) continue;
      EXPECT_EQ(file.time, plan->units[file.unit].time);
    }
  }
}

TEST_F(RestorePlanTest, LargeFilesComeFirstAndSlicesStillPointAtTheirSources) {
  units_.AddLib("small", {}, std::string(300, 's'));
  units_.AddLib("large", {}, std::string(9000, 'l'));
  units_.AddLib("middle", {}, std::string(3000, 'm'));
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->files[0].path.native(), HasSubstr("liblarge"));
  EXPECT_THAT(plan->files[1].path.native(), HasSubstr("libmiddle"));
  std::size_t slices = 0;
  for (const PlannedFile& file : plan->files) {
    if (!file.slice) continue;
    ++slices;
    const PlannedFile& source = plan->files[file.slice->file];
    EXPECT_EQ(source.unit, file.unit);
    EXPECT_EQ(source.path.extension(), ".rlib");
    EXPECT_EQ(file.path.extension(), ".rmeta");
  }
  EXPECT_EQ(slices, 3U);
}

TEST_F(RestorePlanTest, ARunGetsItsOutDirAndTheFileWhichNamesIt) {
  units_.AddRun("z", {}, "cargo:root=" + Placeholder(Root::kBuildDir) + "/release\n",
                {SampleUnits::OutFile("gen/empty", FolderContent{}),
                 SampleUnits::OutFile("latest", LinkContent{"gen"})});
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  const PlannedFile* root_output = Find(*plan, "/root-output");
  ASSERT_NE(root_output, nullptr);
  const PlannedFile* out_dir = Find(*plan, "/out");
  ASSERT_NE(out_dir, nullptr);
  EXPECT_TRUE(out_dir->is_folder);
  EXPECT_EQ(root_output->bytes, out_dir->path.native());
  EXPECT_EQ(Find(*plan, "/output")->bytes, "cargo:root=/m/home/shop/target/release\n");
  EXPECT_TRUE(Find(*plan, "/gen/empty")->is_folder);
  EXPECT_EQ(Find(*plan, "/latest")->link, "gen");
}

TEST_F(RestorePlanTest, WhatAUnitOwnsIsWipedAndNothingThatOthersShare) {
  units_.AddLib("a");
  const std::size_t run = units_.AddRun("z", {}, "", {});
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  for (const UnitFinish& unit : plan->units) {
    EXPECT_FALSE(unit.own_folders.empty());
    for (const auto& folder : unit.own_folders) {
      EXPECT_NE(folder.filename(), "deps");
      EXPECT_NE(folder.filename(), "release");
      EXPECT_TRUE(folder.native().starts_with(folders_.build_dir.native() + "/release/"));
    }
  }
  EXPECT_EQ(plan->units[run].own_folders.size(), 2U);
}

TEST_F(RestorePlanTest, AKeptUnitStillHasItsHashForThoseAboveIt) {
  const std::size_t a = units_.AddLib("a");
  units_.AddLib("b", {a});
  const auto fresh = Plan();
  present_[0] = {true, 1'800'000'000};
  const auto kept = Plan();
  ASSERT_THAT(fresh, IsOk());
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(fresh->units[1].hash_text, kept->units[1].hash_text);
  EXPECT_THAT(
      HashTexts(units_.records, folders_),
      IsOkAndHolds(::testing::ElementsAre(kept->units[0].hash_text, kept->units[1].hash_text)));
}

TEST_F(RestorePlanTest, ADependencyThatIsNotThereIsRefusedWithTheName) {
  const std::size_t a = units_.AddLib("base");
  units_.AddLib("above", {a});
  units_.records.erase(units_.records.begin());
  const auto plan = Plan();
  EXPECT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(plan.status().ToString(), HasSubstr("above"));
}

TEST_F(RestorePlanTest, ADependencyThatNoFingerprintNamesMustBeThereAsWell) {
  units_.AddLib("lonely");
  units_.records[0].deps = {{HashAs<UnitKey>("nobody"), HashAs<OutputDigest>("nothing")}};
  EXPECT_THAT(Plan(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RestorePlanTest, AFolderThatIsUnknownHereIsNamed) {
  units_.AddRun("z", {}, "cargo:root=" + Placeholder(Root::kTemp) + "\n", {});
  EXPECT_THAT(Plan(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RenderTest, DepInfoIsRenderedInItsPathsAndValues) {
  RootMap roots;
  roots.Add(Root::kBuildDir, "/b/build");
  const DepInfo stored{
      {DepInfoFile{DepInfoRoot::kBuildDir, Placeholder(Root::kBuildDir) + "/out/gen.rs", {}}},
      {DepInfoVariable{"OUT_DIR", Placeholder(Root::kBuildDir) + "/out"},
       DepInfoVariable{"UNSET", std::nullopt}}};
  const DepInfo rendered{
      {DepInfoFile{DepInfoRoot::kBuildDir, "/b/build/out/gen.rs", {}}},
      {DepInfoVariable{"OUT_DIR", "/b/build/out"}, DepInfoVariable{"UNSET", std::nullopt}}};
  EXPECT_THAT(Render(Rendering::kDepInfo, Serialize(stored), roots),
              IsOkAndHolds(Serialize(rendered)));
  EXPECT_THAT(Render(Rendering::kText, Placeholder(Root::kBuildDir), roots),
              IsOkAndHolds("/b/build"));
  EXPECT_THAT(Render(Rendering::kNone, Placeholder(Root::kBuildDir), roots),
              IsOkAndHolds(Placeholder(Root::kBuildDir)));
  EXPECT_THAT(Render(Rendering::kDepInfo, "nonsense", roots),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::client
