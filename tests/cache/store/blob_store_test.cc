#include "cache/store/blob_store.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

TEST(BlobLimitsTest, LargestBlobAndFramePass) {
  const std::string frame(kMaxFrameBytes, 'x');
  const NewBlob blob{Digest{BlobHash{}, kMaxBlobBytes}, frame};
  EXPECT_THAT(CheckLimits({&blob, 1}), IsOk());
}

TEST(BlobLimitsTest, OneAboveIsRefused) {
  const std::string frame(kMaxFrameBytes + 1, 'x');
  const NewBlob large{Digest{BlobHash{}, kMaxBlobBytes + 1}, ""};
  const NewBlob long_frame{Digest{BlobHash{}, 1}, frame};
  EXPECT_THAT(CheckLimits({&large, 1}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckLimits({&long_frame, 1}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::testing
