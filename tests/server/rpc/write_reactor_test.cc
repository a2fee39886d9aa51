// The stream of WriteBlobs.

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::depcache::testing::RandomPlain;
using ::testing::HasSubstr;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;

class WriteReactorTest : public RpcFixture {
 protected:
  void TearDown() override {
    EXPECT_TRUE(gate().WaitIdle(SteadyTime::max())) << "a stream is left over";
  }
  static v1::WriteBlobsRequest With(const std::string& name, const std::string& frame) {
    v1::WriteBlobsRequest request;
    v1::NewBlob* blob = request.add_blobs();
    blob->set_sha256(name);
    blob->set_frame(frame);
    return request;
  }
  static v1::WriteBlobsRequest With(const std::string& plain) {
    return With(NameOf(plain), CompressFrame(plain));
  }
  grpc::Status Send(const std::vector<v1::WriteBlobsRequest>& requests) {
    grpc::ClientContext context;
    response_.Clear();
    const auto stub = Blobs();
    const auto stream = stub->WriteBlobs(&context, &response_);
    for (const v1::WriteBlobsRequest& request : requests) {
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
    return stream->Finish();
  }
  bool Has(const std::string& plain) { return Read({NameOf(plain)}).blobs.at(0).status() == 0; }

  v1::WriteBlobsResponse response_;
};

class WriteReactorTokenTest : public TokenFixture {};

TEST_F(WriteReactorTest, CountsWhatItStored) {
  ASSERT_TRUE(Send({With("a"), With("b"), With("c")}).ok());
  EXPECT_EQ(response_.blob_count(), 3);
  EXPECT_EQ(response_.stored_bytes(), 3 * CompressFrame("a").size());
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("c"));
  EXPECT_EQ(wakes(), 3) << "upkeep was not told";
}

TEST_F(WriteReactorTest, NothingSentIsNothingStored) {
  EXPECT_TRUE(Send({}).ok());
  EXPECT_TRUE(Send({v1::WriteBlobsRequest()}).ok());
  EXPECT_EQ(response_.blob_count(), 0);
}

TEST_F(WriteReactorTest, AFrameThatIsNotItsNameIsRefusedByName) {
  const grpc::Status status = Send({With("good"), With(NameOf("a"), CompressFrame("b"))});
  EXPECT_EQ(status.error_code(), kInvalid);
  EXPECT_THAT(status.error_message(), HasSubstr(DigestOf("a").hash.ToShortHex()));
  EXPECT_FALSE(Has("a"));
}

// What fails while the next message arrives ended streams that were gone already.
TEST_F(WriteReactorTest, AFailureWhileMoreArrivesEndsTheStreamOnce) {
  const v1::WriteBlobsRequest bad = With(NameOf("a"), CompressFrame("b"));
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(Send({With("good"), bad, With("more"), bad, With("more")}).error_code(), kInvalid);
  }
}

TEST_F(WriteReactorTest, WhatIsNoFrameIsRefused) {
  const std::string frame = CompressFrame("text");
  for (const std::string& bad : {std::string(), std::string("text"), frame + "x", frame + frame,
                                 frame.substr(0, frame.size() - 1)}) {
    EXPECT_EQ(Send({With(NameOf("text"), bad)}).error_code(), kInvalid);
  }
  for (const std::string& name : {std::string(), std::string(31, 'x'), std::string(64, 'a')}) {
    EXPECT_EQ(Send({With(name, frame)}).error_code(), kInvalid);
  }
  EXPECT_FALSE(Has("text"));
}

TEST_F(WriteReactorTest, BombsAreRefused) {
  const std::string zeros(256 << 20, '\0');
  const grpc::Status status = Send({With(NameOf(zeros), CompressFrame(zeros))});
  EXPECT_EQ(status.error_code(), kInvalid);
  EXPECT_THAT(status.error_message(), HasSubstr("above the limit"));
}

TEST_F(WriteReactorTest, TheRestAfterAnErrorIsNotStored) {
  std::vector<v1::WriteBlobsRequest> requests = {With(NameOf("a"), CompressFrame("b"))};
  for (int i = 0; i < 20; ++i) requests.push_back(With("later " + std::to_string(i)));
  EXPECT_EQ(Send(requests).error_code(), kInvalid);
  EXPECT_FALSE(Has("later 19"));
}

TEST_F(WriteReactorTest, MessagesHaveALimit) {
  // Exactly at the limit: three frames and a name field that fills up.
  v1::WriteBlobsRequest request;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    request.MergeFrom(With(RandomPlain(1 << 20, seed)));
  }
  const std::string filler = RandomPlain(700'000, 9);
  request.MergeFrom(With(filler));
  // Unknown to this version of the message, so ignored: 4 bytes of tag and length.
  const std::size_t room = kMaxMessageBytes - request.ByteSizeLong();
  auto* fields = v1::WriteBlobsRequest::GetReflection()->MutableUnknownFields(&request);
  fields->AddLengthDelimited(100, std::string(room - 5, 'x'));
  ASSERT_EQ(request.ByteSizeLong(), kMaxMessageBytes);
  EXPECT_TRUE(Send({request}).ok());
  EXPECT_EQ(response_.blob_count(), 4);
  fields->AddVarint(101, 1);
  EXPECT_EQ(Send({request}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(WriteReactorTest, CancelledWritersLeaveNothingUnderWay) {
  for (int round = 0; round < 20; ++round) {
    grpc::ClientContext context;
    const auto stub = Blobs();
    const auto stream = stub->WriteBlobs(&context, &response_);
    for (int i = 0; i < round % 4; ++i) {
      stream->Write(With(RandomPlain(1 << 20, static_cast<std::uint64_t>(i))));
    }
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(gate().WaitIdle(SteadyTime::max()));
  EXPECT_TRUE(Send({With("after")}).ok());
}

TEST_F(WriteReactorTokenTest, OnlyWhoMayWriteWrites) {
  EXPECT_EQ(Write({"a"}, "reader").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Write({"a"}, "").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Write({"a"}, "stranger").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(cache().stored_bytes(), 0);
  EXPECT_TRUE(Write({"a"}, "writer", "pr/9").ok());
}

}  // namespace
}  // namespace depcache::server
