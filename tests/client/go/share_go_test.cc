#include "client/go/share_go.h"

#include "cache/layer/layer_index.h"
#include "client/cook/layer_download.h"
#include "client/go/capture_go.h"
#include "tests/client/go/go_sample.h"
#include "tests/support/fake_remote.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::depcache::testing::GoSample;
using ::depcache::testing::StatusIs;

std::vector<CapturedUnit> UnitsOf(const GoSample& sample) {
  return {
      *CaptureGoModule(sample.module, sample.sums, sample.caches().modules),
      *BuildCacheReader(sample.caches().build, {}).Capture(sample.EmptyRecord(), sample.build_id)};
}

TEST(ShareGoTest, TheLayerHoldsAllUnits) {
  const GoSample sample;
  FakeRemote remote;
  const Recipe recipe = *Recipe::FromParts({{"kind", "go"}});
  CookSummary summary;
  ASSERT_TRUE(ShareGoLayer(remote, recipe, UnitsOf(sample), 3, summary).ok());
  EXPECT_TRUE(summary.layer_recorded);
  EXPECT_EQ(summary.units_shared, 2U);
  EXPECT_GT(summary.bytes_sent, 0U);
  const auto blobs = *remote.OpenBlobs("");
  const auto layer = DownloadLayer(remote.layers.at(recipe.Hash()).variants[0], *blobs);
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(layer->index.layout, LayoutKind::kGo);
  EXPECT_EQ(layer->index.left_out, 3U);
  EXPECT_EQ(layer->records.size(), 2U);
}

TEST(ShareGoTest, WhatIsKnownIsNotSentAgain) {
  const GoSample sample;
  FakeRemote remote;
  CookSummary first;
  ASSERT_TRUE(
      ShareGoLayer(remote, *Recipe::FromParts({{"kind", "go"}}), UnitsOf(sample), 0, first).ok());
  const std::size_t sent = remote.uploads.size();
  CookSummary second;
  ASSERT_TRUE(ShareGoLayer(remote, *Recipe::FromParts({{"kind", "go"}, {"go", "x"}}),
                           UnitsOf(sample), 0, second)
                  .ok());
  EXPECT_EQ(remote.uploads.size(), sent);
  EXPECT_TRUE(second.layer_recorded);
}

TEST(ShareGoTest, AFailingServerRecordsNothing) {
  const GoSample sample;
  FakeRemote remote;
  remote.broken = Unavailable("gone");
  CookSummary summary;
  EXPECT_THAT(ShareGoLayer(remote, Recipe(), UnitsOf(sample), 0, summary),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(summary.layer_recorded);
}

}  // namespace
}  // namespace depcache::client
