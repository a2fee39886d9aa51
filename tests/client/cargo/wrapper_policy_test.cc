#include "client/cargo/wrapper_policy.h"

#include "client/cargo/machine_folders.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Optional;

using Words = std::vector<std::string>;

WrapperPolicy Building() {
  WrapperPolicy policy;
  policy.mode = WrapperMode::kRefusePackages;
  policy.refused_dirs = {"/w/app", "/w/macros"};
  policy.remaps = {{"/home/ann", "/cargo/user"}, {"/home/ann/.cargo", "/cargo/home"}};
  return policy;
}

const Words kCompile = {"rustc", "--crate-name", "serde", "src/lib.rs"};
const Words kProbe = {"rustc", "-", "--crate-name", "___", "--print=file-names"};

TEST(WrapRustcTest, CompilesWithRemapsShortestFirstBeforeAllOtherArguments) {
  EXPECT_THAT(WrapRustc(Building(), kCompile, "/registry/serde"),
              Optional(ElementsAre("rustc", "--remap-path-prefix", "/home/ann=/cargo/user",
                                   "--remap-path-prefix", "/home/ann/.cargo=/cargo/home",
                                   "--crate-name", "serde", "src/lib.rs")));
}

TEST(WrapRustcTest, RemapsThatTheUserGivesComeLastAndSoWin) {
  const Words args = {"rustc", "--crate-name", "serde", "--remap-path-prefix=/home/ann=/mine"};
  const auto command = WrapRustc(Building(), args, "");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->back(), "--remap-path-prefix=/home/ann=/mine");
}

TEST(WrapRustcTest, RefusesNamedFoldersAndNoFolderThatOnlyLooksLikeOne) {
  EXPECT_FALSE(WrapRustc(Building(), kCompile, "/w/app"));
  EXPECT_FALSE(WrapRustc(Building(), kCompile, "/w/macros"));
  EXPECT_TRUE(WrapRustc(Building(), kCompile, "/w/app/sub"));
  EXPECT_TRUE(WrapRustc(Building(), kCompile, "/w/application"));
  EXPECT_TRUE(WrapRustc(Building(), kCompile, ""));
}

TEST(WrapRustcTest, PlanningRefusesEveryCompile) {
  EXPECT_FALSE(WrapRustc(WrapperPolicy{}, kCompile, "/registry/serde"));
}

TEST(WrapRustcTest, QuestionsAboutTheCompilerGoThroughUnchanged) {
  const Words version = {"rustc", "-vV"};
  for (const WrapperPolicy& policy : {WrapperPolicy{}, Building()}) {
    EXPECT_EQ(WrapRustc(policy, kProbe, "/w/app"), kProbe);
    EXPECT_EQ(WrapRustc(policy, version, "/w/app"), version);
  }
}

TEST(WrapRustcTest, TheUsersWrapperRunsTheCompiler) {
  WrapperPolicy policy = Building();
  policy.chain = {"sccache", "--flag"};
  policy.remaps.clear();
  EXPECT_THAT(
      WrapRustc(policy, kCompile, ""),
      Optional(ElementsAre("sccache", "--flag", "rustc", "--crate-name", "serde", "src/lib.rs")));
  EXPECT_THAT(WrapRustc(policy, kProbe, ""), Optional(::testing::Contains("sccache")));
}

TEST(WrapperPolicyTest, StoredFormKeepsEverything) {
  WrapperPolicy policy = Building();
  policy.chain = {"sccache"};
  EXPECT_THAT(DecodeWrapperPolicy(Encode(policy)), IsOkAndHolds(policy));
  EXPECT_THAT(DecodeWrapperPolicy(Encode(WrapperPolicy{})), IsOkAndHolds(WrapperPolicy{}));
}

TEST(WrapperPolicyTest, RefusesEveryCutAndEveryChangedHead) {
  const std::string bytes = Encode(Building());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeWrapperPolicy(bytes.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  std::string other_mode = bytes;
  other_mode[4] = 3;
  EXPECT_FALSE(DecodeWrapperPolicy(other_mode).ok());
  EXPECT_FALSE(DecodeWrapperPolicy("dcw2" + bytes.substr(4)).ok());
  EXPECT_FALSE(DecodeWrapperPolicy(bytes + "x").ok());
}

}  // namespace
}  // namespace depcache::client
