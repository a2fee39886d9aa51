// The bytes written by hand against what protobuf reads and writes.

#include "cache/wire/frame_header.h"

#include <limits>

#include <gtest/gtest.h>

#include "depcache/v1/blob_service.pb.h"

namespace depcache::testing {
namespace {

v1::ReadBlobsResponse Parsed(const std::string& bytes) {
  v1::ReadBlobsResponse response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response;
}

TEST(FrameHeaderTest, IsWhatProtobufWouldWrite) {
  for (const std::size_t size : {1U, 127U, 128U, 16'383U, 16'384U, 1U << 20, (1U << 20) + 16'384U}) {
    for (const std::uint32_t position : {0U, 1U, 300U, std::numeric_limits<std::uint32_t>::max()}) {
      const std::string frame(size, 'f');
      v1::ReadBlobsResponse response;
      v1::BlobFrame* blob = response.add_blobs();
      blob->set_position(position);
      blob->set_plain_bytes(1 << 20);
      blob->set_frame(frame);
      EXPECT_EQ(FrameHeader(position, absl::StatusCode::kOk, 1 << 20, size) + frame,
                response.SerializeAsString());
    }
  }
}

TEST(FrameHeaderTest, StatusWithoutAFrame) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kNotFound, absl::StatusCode::kDataLoss, absl::StatusCode::kUnavailable}) {
    const v1::ReadBlobsResponse response = Parsed(FrameHeader(7, code, 0, 0));
    ASSERT_EQ(response.blobs_size(), 1);
    EXPECT_EQ(response.blobs(0).position(), 7);
    EXPECT_EQ(response.blobs(0).status(), static_cast<int>(code));
    EXPECT_EQ(response.blobs(0).frame(), "");
  }
}

TEST(FrameHeaderTest, SeveralFramesAreOneMessage) {
  const std::string bytes = FrameHeader(0, absl::StatusCode::kOk, 10, 3) + "one" +
                            FrameHeader(1, absl::StatusCode::kNotFound, 0, 0) +
                            FrameHeader(2, absl::StatusCode::kOk, 20, 5) + "three";
  const v1::ReadBlobsResponse response = Parsed(bytes);
  ASSERT_EQ(response.blobs_size(), 3);
  EXPECT_EQ(response.blobs(0).frame(), "one");
  EXPECT_EQ(response.blobs(1).status(), 5);
  EXPECT_EQ(response.blobs(2).position(), 2);
  EXPECT_EQ(response.blobs(2).plain_bytes(), 20);
  EXPECT_EQ(response.blobs(2).frame(), "three");
}

TEST(FrameHeaderTest, APositionOfZeroWithoutAnythingIsStillABlob) {
  const v1::ReadBlobsResponse response = Parsed(FrameHeader(0, absl::StatusCode::kOk, 0, 0));
  ASSERT_EQ(response.blobs_size(), 1);
  EXPECT_EQ(response.blobs(0).position(), 0);
}

}  // namespace
}  // namespace depcache::testing
