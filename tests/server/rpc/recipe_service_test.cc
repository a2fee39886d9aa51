#include "server/rpc/recipe_service.h"

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;

class RecipeServiceTest : public RpcFixture {
 protected:
  grpc::Status Fingerprint(const v1::FingerprintRequest& request) {
    grpc::ClientContext context;
    return Recipes()->Fingerprint(&context, request, &response_);
  }
  static Recipe SampleParts() {
    Recipe recipe;
    recipe.Add("lock", "text of the lock");
    recipe.Add("rustflags", "");
    return recipe;
  }
  static v1::FingerprintRequest RequestOf(const Recipe& recipe) {
    v1::FingerprintRequest request;
    for (const auto& [name, value] : recipe.parts()) {
      AddPart(request.mutable_parts(), name, value);
    }
    return request;
  }
  v1::FingerprintResponse response_;
};

TEST_F(RecipeServiceTest, TheHashIsComputedFromTheParts) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  ASSERT_TRUE(Fingerprint(request).ok());
  EXPECT_EQ(response_.recipe_hash(), RecipeHashText(SampleParts().Hash()));
  ASSERT_EQ(response_.trace_size(), 2);
  EXPECT_EQ(response_.trace(0).name(), "lock");
  EXPECT_EQ(response_.trace(0).digest(), HashAs<PartDigest>("text of the lock").AsBytes());
  request.mutable_parts()->SwapElements(0, 1);
  ASSERT_TRUE(Fingerprint(request).ok());
  EXPECT_EQ(response_.recipe_hash(), RecipeHashText(SampleParts().Hash())) << "order counts";
}

TEST_F(RecipeServiceTest, ARightClaimIsTaken) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  request.set_claimed_hash(RecipeHashText(SampleParts().Hash()));
  EXPECT_TRUE(Fingerprint(request).ok());
}

TEST_F(RecipeServiceTest, AFalseClaimIsRefusedWithBothHashes) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  request.set_claimed_hash(RecipeHashText(RecipeHash()));
  const grpc::Status status = Fingerprint(request);
  EXPECT_EQ(status.error_code(), kInvalid);
  EXPECT_THAT(status.error_message(), HasSubstr(RecipeHashText(SampleParts().Hash())));
  EXPECT_THAT(status.error_message(), HasSubstr(RecipeHashText(RecipeHash())));
  for (const char* claim : {"cargo:", "x", "go:0000", "0000"}) {
    request.set_claimed_hash(claim);
    EXPECT_EQ(Fingerprint(request).error_code(), kInvalid) << claim;
  }
}

TEST_F(RecipeServiceTest, AClaimOfAnotherKindIsRefused) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  request.set_claimed_hash(RecipeHashText(SampleParts().Hash(), RecipeKind::kGo));
  EXPECT_EQ(Fingerprint(request).error_code(), kInvalid);
}

TEST_F(RecipeServiceTest, PartsKeepTheirLimits) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  AddPart(request.mutable_parts(), "lock", "again");
  EXPECT_EQ(Fingerprint(request).error_code(), kInvalid) << "a name twice";
  for (const std::string& name : {std::string(), std::string("a b"), std::string(201, 'n')}) {
    request = RequestOf(SampleParts());
    AddPart(request.mutable_parts(), name, "");
    EXPECT_EQ(Fingerprint(request).error_code(), kInvalid) << name;
  }
  request.Clear();
  for (int i = 0; i < 4096; ++i) AddPart(request.mutable_parts(), "p" + std::to_string(i), "");
  EXPECT_TRUE(Fingerprint(request).ok());
  AddPart(request.mutable_parts(), "more", "");
  EXPECT_EQ(Fingerprint(request).error_code(), kInvalid);
}

TEST_F(RecipeServiceTest, AnotherScopeIsRefused) {
  v1::FingerprintRequest request = RequestOf(SampleParts());
  request.mutable_scope()->set_scope("release");
  EXPECT_EQ(Fingerprint(request).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  request.mutable_scope()->set_scope("a//b");
  EXPECT_EQ(Fingerprint(request).error_code(), kInvalid);
  request.mutable_scope()->set_scope("main");
  request.mutable_scope()->set_instance_name("team");
  EXPECT_EQ(Fingerprint(request).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace depcache::server
