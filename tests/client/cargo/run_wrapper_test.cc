#include "client/cargo/run_wrapper.h"

#include "client/cargo/wrapper_link.h"
#include "client/system/process.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::testing::HasSubstr;

constexpr int kBrokenExitCode = 88;

// The real client, called through the link as Cargo calls it.
class RunWrapperTest : public ::testing::Test {
 protected:
  void SetPolicy(const WrapperPolicy& policy) {
    absl::StatusOr<WrapperLink> link = WrapperLink::Make(DEPCACHE_CLIENT, policy);
    ASSERT_THAT(link, IsOk());
    link_.emplace(*std::move(link));
  }
  ProcessResult Call(std::vector<std::string> args, const std::string& manifest_dir = "") {
    ProcessCommand command;
    command.argv = {(link_->folder() / kWrapperName).native()};
    command.argv.insert(command.argv.end(), args.begin(), args.end());
    if (!manifest_dir.empty()) command.env["CARGO_MANIFEST_DIR"] = manifest_dir;
    absl::StatusOr<ProcessResult> result = processes_.Run(command);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *std::move(result) : ProcessResult{};
  }

  PosixProcessRunner processes_;
  std::optional<WrapperLink> link_;
};

WrapperPolicy Refusing(std::string dir) {
  WrapperPolicy policy;
  policy.mode = WrapperMode::kRefusePackages;
  policy.refused_dirs = {std::move(dir)};
  policy.remaps = {{"/from", "/to"}};
  return policy;
}

TEST_F(RunWrapperTest, BecomesTheCompilerWithItsOutputAndExitCode) {
  SetPolicy(Refusing("/w/app"));
  const ProcessResult result = Call({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
}

TEST_F(RunWrapperTest, AddsRemapsToACompile) {
  SetPolicy(Refusing("/w/app"));
  EXPECT_EQ(Call({"echo", "--crate-name", "serde"}, "/r/serde").out,
            "--remap-path-prefix /from=/to --crate-name serde\n");
}

TEST_F(RunWrapperTest, RefusesAMemberSilentlyWithACodeOfItsOwn) {
  SetPolicy(Refusing("/w/app"));
  const ProcessResult result = Call({"echo", "--crate-name", "app"}, "/w/app");
  EXPECT_EQ(result.exit_code, kRefusedExitCode);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(RunWrapperTest, ADamagedOrMissingPolicyCompilesNothing) {
  SetPolicy(Refusing("/w/app"));
  ASSERT_THAT(WriteFileAtomic(link_->folder() / "policy", "dcw1"), IsOk());
  ProcessResult result = Call({"echo", "--crate-name", "serde"});
  EXPECT_EQ(result.exit_code, kBrokenExitCode);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("depcache rustc wrapper: "));
  std::filesystem::remove(link_->folder() / "policy");
  EXPECT_EQ(Call({"echo"}).exit_code, kBrokenExitCode);
}

TEST_F(RunWrapperTest, SaysWhatItCannotRun) {
  SetPolicy(Refusing("/w/app"));
  EXPECT_THAT(Call({"/no/such/rustc", "-vV"}).err, HasSubstr("/no/such/rustc"));
  EXPECT_EQ(Call({}).exit_code, kBrokenExitCode);
}

TEST(IsCalledAsWrapperTest, ByTheNameAloneWhereverItLies) {
  EXPECT_TRUE(IsCalledAsWrapper("/tmp/x/depcache-rustc-wrapper"));
  EXPECT_TRUE(IsCalledAsWrapper("depcache-rustc-wrapper"));
  EXPECT_FALSE(IsCalledAsWrapper("/usr/bin/depcache-client"));
  EXPECT_FALSE(IsCalledAsWrapper("/depcache-rustc-wrapper/depcache-client"));
  EXPECT_FALSE(IsCalledAsWrapper(nullptr));
}

}  // namespace
}  // namespace depcache::client
