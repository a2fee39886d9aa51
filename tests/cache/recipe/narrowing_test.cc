#include "cache/recipe/narrowing.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

LocalPackages Packages() {
  std::vector<LocalPackage> packages;
  for (const std::string name : {"", "backend", "coordinator", "gui", "outsider"}) {
    LocalPackage package;
    package.folder = name;
    package.name = name;
    package.is_member = name != "outsider";
    packages.push_back(package);
  }
  absl::StatusOr<LocalPackages> made = LocalPackages::Make(packages);
  EXPECT_THAT(made, IsOk());
  return *made;
}

// Package 1 has a binary with the name of package 3.
const BinOwners kBins = {{"gui", 1}, {"serve", 1}, {"serve", 2}};

TEST(NarrowingTest, WithoutNamesAllMembersAreSelected) {
  EXPECT_THAT(SelectMembers(Packages(), kBins, {}), IsOkAndHolds(ElementsAre(1, 2, 3)));
}

TEST(NarrowingTest, NamesSelectPackagesAndBinaries) {
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{"gui", "backend"}, {}}),
              IsOkAndHolds(ElementsAre(1, 3)));
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{}, {"serve"}}), IsOkAndHolds(ElementsAre(1, 2)));
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{"coordinator"}, {"gui"}}),
              IsOkAndHolds(ElementsAre(1, 2)));
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{}, {"coordinator"}}),
              IsOkAndHolds(ElementsAre(2)));
}

TEST(NarrowingTest, AnUnknownNameIsAnsweredWithTheNearest) {
  const absl::Status package = SelectMembers(Packages(), kBins, {{"bakend"}, {}}).status();
  EXPECT_THAT(package, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(package.ToString(), HasSubstr("no package `bakend`; the nearest are: backend"));
  EXPECT_THAT(package.ToString(), Not(HasSubstr("gui")));
  const absl::Status bin = SelectMembers(Packages(), kBins, {{}, {"servr"}}).status();
  EXPECT_THAT(bin, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(bin.ToString(), HasSubstr("`servr`; the nearest are: serve"));
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{"zzzzzzzz"}, {}}).status().ToString(),
              HasSubstr("backend, coordinator, gui"));
  EXPECT_THAT(SelectMembers(Packages(), kBins, {{"outsider"}, {}}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache
