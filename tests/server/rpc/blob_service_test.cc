// FindMissing; the streams are in read_reactor_test and write_reactor_test.

#include "server/rpc/blob_service.h"

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BlobServiceTest : public TokenFixture {
 protected:
  grpc::Status Find(const std::string& hashes, const std::string& token = "writer",
                    const std::string& scope = "") {
    v1::FindMissingRequest request;
    request.mutable_scope()->set_scope(scope);
    request.set_hashes(hashes);
    grpc::ClientContext context;
    UseToken(context, token);
    response_.Clear();
    return Blobs()->FindMissing(&context, request, &response_);
  }
  v1::FindMissingResponse response_;
};

TEST_F(BlobServiceTest, PositionsOfWhatIsMissing) {
  ASSERT_TRUE(Write({"a", "b"}, "writer").ok());
  ASSERT_TRUE(Find(NameOf("x") + NameOf("a") + NameOf("y") + NameOf("b")).ok());
  EXPECT_THAT(response_.missing(), ElementsAre(0, 2));
  ASSERT_TRUE(Find("").ok());
  EXPECT_THAT(response_.missing(), IsEmpty());
}

TEST_F(BlobServiceTest, AnotherScopeHasItsOwn) {
  ASSERT_TRUE(Write({"a"}, "writer", "pr/1").ok());
  ASSERT_TRUE(Find(NameOf("a"), "writer", "pr/1").ok());
  EXPECT_THAT(response_.missing(), IsEmpty());
  ASSERT_TRUE(Find(NameOf("a"), "writer", "pr/2").ok());
  EXPECT_THAT(response_.missing(), ElementsAre(0));
  ASSERT_TRUE(Find(NameOf("a"), "stranger", "other").ok());
  EXPECT_THAT(response_.missing(), ElementsAre(0));
}

TEST_F(BlobServiceTest, ListsHaveALimit) {
  EXPECT_TRUE(Find(std::string(32 * 65'536, 'x')).ok());
  EXPECT_EQ(response_.missing_size(), 65'536);
  EXPECT_EQ(Find(std::string(32 * 65'537, 'x')).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Find("ragged").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(BlobServiceTest, OnlyWhoMayReadMayAsk) {
  EXPECT_EQ(Find("", "stranger", "main").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Find("", "").error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace depcache::server
