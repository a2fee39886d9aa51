#include "client/cook/cook.h"

#include "client/command.h"
#include "tests/client/cook/small_checkout.h"
#include "tests/support/sample_units.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::depcache::testing::SampleUnits;
using ::testing::HasSubstr;

class CookTest : public SmallCheckout {
 protected:
  CookTest() {
    context_.context.config.server = "cache.example";
    context_.context.open_remote =
        [&](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteCache>> {
      ++opened_;
      auto remote = std::make_unique<FakeRemote>();
      remote->frames = units_.remote.frames;
      remote->layers = units_.remote.layers;
      remote->broken = units_.remote.broken;
      return remote;
    };
  }
  CookSummary Run(CookMode mode) { return RunCook(context_.context, {}, mode); }
  static int Code(ExitCode code) { return static_cast<int>(code); }

  SampleUnits units_;
  int opened_ = 0;
};

TEST_F(CookTest, FetchingWhatNobodyBuiltIsAMissAndCompilesNothing) {
  const CookSummary summary = Run(CookMode::kFetch);
  EXPECT_EQ(summary.exit_code, Code(ExitCode::kMiss));
  EXPECT_EQ(summary.result, "miss");
  EXPECT_EQ(summary.server, "cache.example");
  EXPECT_EQ(summary.cargo_verdict, "not run");
  EXPECT_TRUE(summary.recipe.starts_with("cargo:"));
}

TEST_F(CookTest, AHitIsRestoredAndTheSecondTimeNobodyIsAsked) {
  units_.AddLib("itoa");
  LayerIndex index;
  index.units = {{units_.RefOf(0), units_.remote.Put(Encode(units_.records[0]))}};
  LayerAnswer answer;
  answer.variants.emplace_back();
  answer.variants[0].index = units_.Store(Encode(index)).blobs;
  units_.remote.layers[HashOf()] = answer;
  const CookSummary first = Run(CookMode::kFetch);
  EXPECT_EQ(first.exit_code, 0) << context_.terminal.err;
  EXPECT_EQ(first.result, "hit");
  EXPECT_EQ(first.units_restored, 1U);
  EXPECT_EQ(opened_, 1);
  const CookSummary second = Run(CookMode::kCook);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(second.result, "hit");
  EXPECT_EQ(second.units_present, 1U);
  EXPECT_EQ(opened_, 1);
}

TEST_F(CookTest, WithoutAServerFetchAndPushSaySo) {
  context_.context.config.server.clear();
  for (const CookMode mode : {CookMode::kFetch, CookMode::kPush}) {
    context_.terminal.err.clear();
    EXPECT_EQ(Run(mode).exit_code, Code(ExitCode::kUnavailable));
    EXPECT_THAT(context_.terminal.err, HasSubstr("set DEPCACHE_SERVER"));
  }
  EXPECT_EQ(opened_, 0);
}

TEST_F(CookTest, AServerThatDoesNotAnswerIsUnavailable) {
  units_.remote.broken = Unavailable("connection refused");
  const CookSummary summary = Run(CookMode::kFetch);
  EXPECT_EQ(summary.exit_code, Code(ExitCode::kUnavailable));
  EXPECT_THAT(summary.server_error, HasSubstr("connection refused"));
}

TEST_F(CookTest, SwitchedOffNoServerIsAsked) {
  context_.context.config.is_off = true;
  EXPECT_EQ(Run(CookMode::kFetch).exit_code, Code(ExitCode::kUnavailable));
  EXPECT_EQ(opened_, 0);
}

TEST_F(CookTest, AFolderWithoutAWorkspaceIsAWrongCommandLine) {
  context_.context.cwd = folder_.path();
  const CookSummary summary = Run(CookMode::kCook);
  EXPECT_EQ(summary.exit_code, Code(ExitCode::kUsage));
  EXPECT_EQ(summary.recipe, "");
  EXPECT_THAT(context_.terminal.err, HasSubstr("Cargo.toml"));
}

}  // namespace
}  // namespace depcache::client
