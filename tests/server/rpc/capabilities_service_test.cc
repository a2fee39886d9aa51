#include "server/rpc/capabilities_service.h"

#include "cache/base/version.h"
#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::testing::ElementsAre;

v1::GetCapabilitiesResponse Ask(v1::CapabilitiesService::Stub& stub, const std::string& token,
                                const std::string& scope, grpc::StatusCode want) {
  grpc::ClientContext context;
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  v1::GetCapabilitiesRequest request;
  request.mutable_scope()->set_scope(scope);
  v1::GetCapabilitiesResponse response;
  EXPECT_EQ(stub.GetCapabilities(&context, request, &response).error_code(), want);
  return response;
}

class CapabilitiesTest : public RpcFixture {};
class CapabilitiesWithTokensTest : public TokenFixture {};

TEST_F(CapabilitiesTest, SaysWhatTheServerIs) {
  ASSERT_TRUE(Write({"some bytes"}).ok());
  const auto response = Ask(*Capabilities(), "", "", grpc::StatusCode::OK);
  EXPECT_EQ(response.server_version(), Version());
  EXPECT_THAT(response.protocol_versions(), ElementsAre(1));
  EXPECT_THAT(response.recipe_versions(), ElementsAre(1));
  EXPECT_EQ(response.max_blob_bytes(), 1 << 20);
  EXPECT_EQ(response.max_message_bytes(), kMaxMessageBytes);
  EXPECT_EQ(response.principal(), "anonymous");
  EXPECT_TRUE(response.can_read());
  EXPECT_TRUE(response.can_write());
  EXPECT_EQ(response.stored_bytes(), CompressFrame("some bytes").size());
  EXPECT_EQ(response.max_stored_bytes(), LayerCache::Options().max_stored_bytes);
  EXPECT_EQ(response.now_unix_seconds(), 1'800'000'000);
}

TEST_F(CapabilitiesWithTokensTest, SaysWhatTheCallerMayDo) {
  const auto stub = Capabilities();
  const auto may = [&](const char* token, const char* scope) {
    const auto response = Ask(*stub, token, scope, grpc::StatusCode::OK);
    EXPECT_EQ(response.principal(), token);
    return std::string(response.can_read() ? "r" : "-") + (response.can_write() ? "w" : "-");
  };
  EXPECT_EQ(may("writer", ""), "rw");
  EXPECT_EQ(may("writer", "pr/1"), "rw");
  EXPECT_EQ(may("writer", "other"), "--");
  EXPECT_EQ(may("reader", "main"), "r-");
  EXPECT_EQ(may("reader", "pr/1"), "--");
  EXPECT_EQ(may("stranger", "main"), "--");
  Ask(*stub, "", "", grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace depcache::server
