// The stream of ReadBlobs.

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::depcache::testing::GenericCall;
using ::depcache::testing::RandomPlain;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr const char* kMethod = "/depcache.v1.BlobService/ReadBlobs";

class ReadReactorTest : public RpcFixture {
 protected:
  void TearDown() override {
    EXPECT_TRUE(gate().WaitIdle(SteadyTime::max())) << "a stream is left over";
  }
  static std::string Plain(const v1::BlobFrame& blob) {
    return DecompressFrame(blob.frame(), 1 << 20).value_or("(damaged)");
  }
};

class ReadReactorTokenTest : public TokenFixture {};

TEST_F(ReadReactorTest, AnswersComeInTheOrderAsked) {
  ASSERT_TRUE(Write({"a", "b", ""}).ok());
  const Answers answers =
      Read({NameOf("b") + NameOf("none"), NameOf("") + NameOf("a") + NameOf("b"), "", NameOf("a")});
  ASSERT_TRUE(answers.status.ok()) << answers.status.error_message();
  ASSERT_EQ(answers.blobs.size(), 6);
  for (std::uint32_t i = 0; i < 6; ++i) EXPECT_EQ(answers.blobs[i].position(), i);
  EXPECT_EQ(Plain(answers.blobs[0]), "b");
  EXPECT_EQ(answers.blobs[1].status(), 5);
  EXPECT_EQ(answers.blobs[1].frame(), "");
  EXPECT_EQ(Plain(answers.blobs[2]), "");
  EXPECT_EQ(Plain(answers.blobs[3]), "a");
  EXPECT_EQ(answers.blobs[3].plain_bytes(), 1);
  EXPECT_EQ(Plain(answers.blobs[5]), "a");
}

TEST_F(ReadReactorTest, NothingAskedIsNothingAnswered) {
  EXPECT_TRUE(Read({}).status.ok());
  const Answers answers = Read({""});
  EXPECT_TRUE(answers.status.ok());
  EXPECT_TRUE(answers.blobs.empty());
}

TEST_F(ReadReactorTest, MessagesStayBelowTheDefaultLimit) {
  std::string hashes;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const std::string plain = RandomPlain(1 << 20, seed);
    ASSERT_TRUE(Write({plain}).ok());
    hashes += NameOf(plain);
  }
  const Answers answers = Read({hashes});
  ASSERT_TRUE(answers.status.ok());
  ASSERT_EQ(answers.blobs.size(), 8);
  EXPECT_LE(answers.largest_message, 2U << 20);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    EXPECT_EQ(Plain(answers.blobs[seed]), RandomPlain(1 << 20, seed));
  }
}

TEST_F(ReadReactorTest, ManySmallOnesAllArrive) {
  std::string hashes;
  std::vector<std::string> plains;
  for (int i = 0; i < 3000; ++i) {
    plains.push_back("blob " + std::to_string(i));
    hashes += NameOf(plains.back());
  }
  ASSERT_TRUE(Write(plains).ok());
  const Answers answers = Read({hashes, hashes, hashes});
  ASSERT_TRUE(answers.status.ok());
  ASSERT_EQ(answers.blobs.size(), 9000);
  for (std::size_t i = 0; i < 9000; ++i) ASSERT_EQ(Plain(answers.blobs[i]), plains[i % 3000]);
}

TEST_F(ReadReactorTest, MoreIsAskedWhileAnswersArrive) {
  ASSERT_TRUE(Write({"a", "b"}).ok());
  grpc::ClientContext context;
  const auto stub = Blobs();
  const auto stream = stub->ReadBlobs(&context);
  v1::ReadBlobsRequest request;
  v1::ReadBlobsResponse response;
  for (std::uint32_t i = 0; i < 50; ++i) {
    const std::string plain = i % 2 == 0 ? "a" : "b";
    request.set_hashes(NameOf(plain));
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    ASSERT_EQ(response.blobs_size(), 1);
    EXPECT_EQ(response.blobs(0).position(), i);
    EXPECT_EQ(Plain(response.blobs(0)), plain);
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ReadReactorTest, BadRequestsEndTheStream) {
  EXPECT_EQ(Read({"ragged"}).status.error_code(), kInvalid);
  EXPECT_EQ(Read({std::string(32 * 65'537, 'x')}).status.error_code(), kInvalid);
  EXPECT_EQ(Read({NameOf("a"), "ragged"}).status.error_code(), kInvalid);
  EXPECT_EQ(Read({""}, "", "a//b").status.error_code(), kInvalid);
  EXPECT_EQ(Read({""}, "", "other").status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(ReadReactorTest, WhatIsNoRequestIsRefused) {
  GenericCall call(channel(), kMethod);
  ASSERT_TRUE(call.Write("\xff\xff\xff\xff"));
  std::string bytes;
  EXPECT_FALSE(call.Read(&bytes));
  EXPECT_EQ(call.Finish().error_code(), kInvalid);
}

TEST_F(ReadReactorTest, CancelledStreamsLeaveNothing) {
  std::string hashes;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    ASSERT_TRUE(Write({RandomPlain(1 << 20, seed)}).ok());
    hashes += NameOf(RandomPlain(1 << 20, seed));
  }
  for (int round = 0; round < 20; ++round) {
    grpc::ClientContext context;
    const auto stub = Blobs();
    const auto stream = stub->ReadBlobs(&context);
    v1::ReadBlobsRequest request;
    request.set_hashes(hashes);
    if (round % 4 != 0) stream->Write(request);
    v1::ReadBlobsResponse response;
    if (round % 4 > 1) stream->Read(&response);
    if (round % 4 > 2) stream->WritesDone();
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok() && round % 4 < 3);
  }
  EXPECT_TRUE(gate().WaitIdle(SteadyTime::max()));
  EXPECT_EQ(Read({hashes}).blobs.size(), 4) << "the server goes on";
}

TEST_F(ReadReactorTokenTest, OnlyWhatTheCallerMayReadIsHandedOut) {
  ASSERT_TRUE(Write({"secret"}, "stranger", "other").ok());
  const Answers answers = Read({NameOf("secret")}, "reader");
  ASSERT_TRUE(answers.status.ok());
  ASSERT_EQ(answers.blobs.size(), 1);
  EXPECT_EQ(answers.blobs[0].status(), 5);
  EXPECT_EQ(answers.blobs[0].plain_bytes(), 0);
  EXPECT_EQ(Read({NameOf("secret")}).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Read({NameOf("secret")}, "stranger", "other").blobs.at(0).status(), 0);
}

TEST_F(ReadReactorTokenTest, TheScopeIsOfTheFirstMessage) {
  ASSERT_TRUE(Write({"secret"}, "writer", "pr/1").ok());
  grpc::ClientContext context;
  UseToken(context, "writer");
  const auto stub = Blobs();
  const auto stream = stub->ReadBlobs(&context);
  v1::ReadBlobsRequest request;
  request.mutable_scope()->set_scope("pr/2");
  ASSERT_TRUE(stream->Write(request));
  request.mutable_scope()->set_scope("pr/1");
  request.set_hashes(NameOf("secret"));
  ASSERT_TRUE(stream->Write(request));
  v1::ReadBlobsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.blobs(0).status(), 5);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace depcache::server
