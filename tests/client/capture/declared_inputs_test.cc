#include "client/capture/declared_inputs.h"

#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DeclaredInputsTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<Predicate>> Predicates() {
    return PredicatesOf({fingerprint_, dep_info_, folder_ / "package", folder_ / package_folder_,
                         folders_, folders_.CommonRoots()});
  }
  void DeclareFile(const std::string& path) {
    fingerprint_.local.push_back(RerunIfChanged{"output", {path}});
  }
  void ExpectRefused(const std::string& why) {
    EXPECT_THAT(Predicates(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(Predicates().status().ToString(), HasSubstr(why));
  }
  // The first that fails here, with these variables.
  std::optional<std::string> Failing(const std::vector<Predicate>& predicates,
                                     const std::map<std::string, std::string>& variables) {
    return FailingPredicate(predicates, folders_.CommonRoots(), LookupIn(variables));
  }

  const TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  std::string package_folder_ = "package";
  Fingerprint fingerprint_;
  DepInfo dep_info_;
};

TEST_F(DeclaredInputsTest, AQuestionToPkgConfigCountsByItsAnswer) {
  fingerprint_.local = {RerunIfEnvChanged{"ZLIB_NO_PKG_CONFIG", std::nullopt}};
  folders_.pkg_config["ZLIB"] = "Version: 1\n";
  const auto found = Predicates();
  ASSERT_THAT(found, IsOk());
  const std::string name = PkgConfigVariable("ZLIB");
  EXPECT_EQ(Failing(*found, {{name, "Version: 1\n"}}), std::nullopt);
  EXPECT_EQ(Failing(*found, {{name, "Version: 2\n"}}), name);
  EXPECT_EQ(Failing(*found, {}), name);
  folders_.pkg_config.clear();
  const auto missing = Predicates();
  ASSERT_THAT(missing, IsOk());
  EXPECT_EQ(Failing(*missing, {}), std::nullopt);
  EXPECT_EQ(Failing(*missing, {{name, "Version: 1\n"}}), name);
}

TEST_F(DeclaredInputsTest, VariablesOfScriptAndCrateCountOnceInOrder) {
  fingerprint_.local = {RerunIfEnvChanged{"CC", std::nullopt}, RerunIfEnvChanged{"CFLAGS", "-O2"}};
  dep_info_.variables = {{"CFLAGS", "-O2"}, {"ABC", "1"}};
  EXPECT_THAT(
      Predicates(),
      IsOkAndHolds(ElementsAre(
          Predicate{PredicateKind::kEnv, "ABC", PredicateValue(PredicateKind::kEnv, "ABC", "1")},
          Predicate{PredicateKind::kEnv, "CC", std::nullopt},
          Predicate{PredicateKind::kEnv, "CFLAGS",
                    PredicateValue(PredicateKind::kEnv, "CFLAGS", "-O2")})));
}

// A package of a git repository: all of the checkout is in its key.
// What a script reads unsaid is an input like any other; what it declared too
// has the value that Cargo noted.
TEST_F(DeclaredInputsTest, VariablesThatAScriptReadsUnsaidCount) {
  fingerprint_.local = {RerunIfEnvChanged{"DECLARED", "noted"}};
  const std::map<std::string, std::string> variables = {{"DECLARED", "now"}, {"READ", "x"}};
  const auto found = PredicatesOf({fingerprint_, dep_info_, folder_ / "package",
                                   folder_ / "package", folders_, folders_.CommonRoots(),
                                   {}, {"DECLARED", "READ", "UNSET"}, LookupIn(variables)});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->size(), 3U);
  EXPECT_EQ(Failing(*found, {{"DECLARED", "noted"}, {"READ", "x"}}), std::nullopt);
  EXPECT_EQ(Failing(*found, {{"DECLARED", "noted"}, {"READ", "y"}}), "READ");
  EXPECT_EQ(Failing(*found, {{"DECLARED", "noted"}, {"READ", "x"}, {"UNSET", ""}}), "UNSET");
}

TEST_F(DeclaredInputsTest, PathsStartFromThePackageAndCountIfTheyLeaveTheSources) {
  package_folder_ = "package/crates/one";
  DeclareFile("../../README.md");
  DeclareFile("src/lib.rs");
  EXPECT_THAT(Predicates(), IsOkAndHolds(IsEmpty()));
  folder_.Write("outside", "text");
  DeclareFile("../../../outside");
  EXPECT_THAT(Predicates(), IsOkAndHolds(::testing::SizeIs(1)));
}

TEST_F(DeclaredInputsTest, FilesOfThePackageAreCoveredByItsChecksum) {
  DeclareFile("src/nightly.rs");
  DeclareFile((folder_ / "package/wrapper.h").native());
  DeclareFile("src/../build.rs");
  dep_info_.files = {{DepInfoRoot::kPackage, "src/lib.rs", {}}};
  EXPECT_THAT(Predicates(), IsOkAndHolds(IsEmpty()));
}

TEST_F(DeclaredInputsTest, AFileOutsideCountsByItsContent) {
  folder_.Write("home/shop/version.txt", "1");
  DeclareFile((folder_ / "home/shop/version.txt").native());
  const auto predicates = Predicates();
  ASSERT_THAT(predicates, IsOk());
  ASSERT_EQ(predicates->size(), 1U);
  EXPECT_EQ((*predicates)[0].name, Placeholder(Root::kWorkspace) + "/version.txt");
  EXPECT_EQ(Failing(*predicates, {}), std::nullopt);
  folder_.Write("home/shop/version.txt", "2");
  EXPECT_EQ(Failing(*predicates, {}), (folder_ / "home/shop/version.txt").native());
}

TEST_F(DeclaredInputsTest, WhatCannotBeComparedElsewhereIsRefused) {
  DeclareFile((folder_ / "gone").native());
  ExpectRefused("which does not exist: Cargo runs it at every build");
  fingerprint_.local.clear();
  DeclareFile(folder_.path().native());
  ExpectRefused("which is no file");
  fingerprint_.local.clear();
  folder_.Write("home/shop/target/made.h", "");
  DeclareFile((folders_.target_dir / "made.h").native());
  ExpectRefused("an input that the build makes, made.h");
  fingerprint_.local.clear();
  DeclareFile("../package-of-another/file");
  ExpectRefused("does not exist");
  fingerprint_.local = {RerunIfEnvChanged{"ODD", "a\x01z"}};
  ExpectRefused("it read ODD");
}

TEST_F(DeclaredInputsTest, OutputsOfUnitsBelowAreNoInputs) {
  dep_info_.files = {
      {DepInfoRoot::kBuildDir, "release/build/z/out/gen.rs", {}},
      {DepInfoRoot::kBuildDir, (folders_.build_dir / "release/build/z/out/b.rs").native(), {}}};
  EXPECT_THAT(Predicates(), IsOkAndHolds(IsEmpty()));
}

TEST_F(DeclaredInputsTest, PredicatesHoldOnlyWithTheSameValues) {
  fingerprint_.local = {RerunIfEnvChanged{"SET", "1"}, RerunIfEnvChanged{"UNSET", std::nullopt},
                        RerunIfEnvChanged{"EMPTY", ""}};
  const auto predicates = Predicates();
  ASSERT_THAT(predicates, IsOk());
  EXPECT_EQ(Failing(*predicates, {{"SET", "1"}, {"EMPTY", ""}}), std::nullopt);
  EXPECT_EQ(Failing(*predicates, {{"SET", "2"}, {"EMPTY", ""}}), "SET");
  EXPECT_EQ(Failing(*predicates, {{"EMPTY", ""}}), "SET");
  EXPECT_EQ(Failing(*predicates, {{"SET", "1"}, {"EMPTY", ""}, {"UNSET", ""}}), "UNSET");
  EXPECT_EQ(Failing(*predicates, {{"SET", "1"}}), "EMPTY");
}

TEST_F(DeclaredInputsTest, AValueWithAFolderIsTheSameOnAnotherMachine) {
  fingerprint_.local = {RerunIfEnvChanged{"SYSROOT_DIR", folders_.cargo_home.native() + "/x"}};
  const auto predicates = Predicates();
  ASSERT_THAT(predicates, IsOk());
  const MachineFolders other = MachineBelow("/somewhere/else");
  const std::string value = other.cargo_home.native() + "/x";
  EXPECT_EQ(FailingPredicate(*predicates, other.CommonRoots(),
                             [&](const std::string&) { return value.c_str(); }),
            std::nullopt);
  EXPECT_EQ(Failing(*predicates, {{"SYSROOT_DIR", value}}), "SYSROOT_DIR");
}

TEST_F(DeclaredInputsTest, APredicateOnAnUnknownFolderFails) {
  const std::vector<Predicate> predicates = {
      {PredicateKind::kFile, Placeholder(Root::kTemp) + "/x", std::nullopt}};
  EXPECT_NE(Failing(predicates, {}), std::nullopt);
}

}  // namespace
}  // namespace depcache::client
