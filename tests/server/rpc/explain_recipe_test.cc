#include "server/rpc/explain_recipe.h"

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using Parts = std::vector<std::pair<std::string, std::string>>;

class ExplainRecipeTest : public TokenFixture {
 protected:
  RecipeHash Store(const Parts& parts, const std::string& scope_name = "main") {
    const Caller caller{"writer", "", {scope_name}, {scope_name}};
    const auto scope = ResolveScope(caller, "", scope_name);
    const testing::BuiltLayer layer = testing::SmallLayer(++seed_);
    for (const auto& [hash, plain] : layer.blobs) {
      const std::string frame = CompressFrame(plain);
      const NewBlob blob{DigestOf(plain), frame};
      EXPECT_TRUE(cache().WriteBlobs(*scope, {&blob, 1}).ok());
    }
    std::vector<NamedValue> values;
    for (const auto& [name, value] : parts) values.push_back({name, value});
    const RecipeHash recipe = Recipe::FromParts(parts)->Hash();
    EXPECT_TRUE(cache().CommitLayer(*scope, recipe, values, layer.index).ok());
    return recipe;
  }
  static v1::ExplainRecipeRequest RequestOf(const Parts& parts) {
    v1::ExplainRecipeRequest request;
    for (const auto& [name, value] : parts) {
      v1::TracePart* part = request.add_trace();
      part->set_name(name);
      part->set_digest(std::string(HashAs<PartDigest>(value).AsBytes()));
    }
    return request;
  }
  v1::ExplainRecipeResponse Explain(const v1::ExplainRecipeRequest& request,
                                    grpc::StatusCode want = grpc::StatusCode::OK,
                                    const std::string& token = "reader") {
    grpc::ClientContext context;
    UseToken(context, token);
    v1::ExplainRecipeResponse response;
    const grpc::Status status = Layers()->ExplainRecipe(&context, request, &response);
    EXPECT_EQ(status.error_code(), want) << status.error_message();
    return response;
  }

 private:
  std::uint64_t seed_ = 0;
};

TEST_F(ExplainRecipeTest, ValuesComeForWhatDiffersOnly) {
  const RecipeHash stored = Store({{"lock", "a"}, {"profile", "dev"}, {"env.API_TOKEN", "x"}});
  const auto response = Explain(RequestOf({{"lock", "a"}, {"profile", "release"}}));
  EXPECT_EQ(response.recipe_hash(), stored.AsBytes());
  EXPECT_EQ(response.found_in_scope(), "main");
  EXPECT_EQ(response.principal(), "writer");
  EXPECT_EQ(response.unit_count(), 2);
  EXPECT_EQ(response.compile_ms(), 200);
  EXPECT_EQ(response.layers_compared(), 1);
  EXPECT_TRUE(response.compared_all());
  std::map<std::string, std::pair<v1::PartValue, std::string>> parts;
  for (const v1::StoredPart& part : response.parts()) {
    parts[part.name()] = {part.state(), part.value()};
  }
  EXPECT_EQ(parts["lock"], std::pair(v1::PART_VALUE_LEFT_OUT, std::string()));
  EXPECT_EQ(parts["profile"], std::pair(v1::PART_VALUE_SHOWN, std::string("dev")));
  EXPECT_EQ(parts["env.API_TOKEN"], std::pair(v1::PART_VALUE_HIDDEN, std::string()));
}

TEST_F(ExplainRecipeTest, ARecipeMayBeNamedOrLeftOut) {
  const Parts ours = {{"lock", "a"}, {"profile", "dev"}};
  const RecipeHash same = Store(ours);
  const RecipeHash far = Store({{"lock", "b"}, {"profile", "release"}});
  v1::ExplainRecipeRequest request = RequestOf(ours);
  EXPECT_EQ(Explain(request).recipe_hash(), same.AsBytes());
  request.set_except(std::string(same.AsBytes()));
  EXPECT_EQ(Explain(request).recipe_hash(), far.AsBytes());
  request.clear_except();
  request.set_against(std::string(far.AsBytes()));
  EXPECT_EQ(Explain(request).recipe_hash(), far.AsBytes());
  request.set_against(std::string(32, 'x'));
  Explain(request, grpc::StatusCode::NOT_FOUND);
}

TEST_F(ExplainRecipeTest, WhatIsNoTraceIsRefused) {
  v1::ExplainRecipeRequest request = RequestOf({{"lock", "a"}});
  request.mutable_trace(0)->set_digest("short");
  Explain(request, grpc::StatusCode::INVALID_ARGUMENT);
  request = RequestOf({{"lock", "a"}, {"lock", "b"}});
  Explain(request, grpc::StatusCode::INVALID_ARGUMENT);
  request = RequestOf({{"lock", "a"}});
  request.set_against("short");
  Explain(request, grpc::StatusCode::INVALID_ARGUMENT);
  request = v1::ExplainRecipeRequest();
  for (int i = 0; i < 4097; ++i) {
    v1::TracePart* part = request.add_trace();
    part->set_name(std::to_string(i));
    part->set_digest(std::string(32, 'x'));
  }
  Explain(request, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ExplainRecipeTest, OtherScopesAreNotTold) {
  Store({{"lock", "a"}}, "other");
  Explain(RequestOf({{"lock", "a"}}), grpc::StatusCode::NOT_FOUND);
  Explain(RequestOf({{"lock", "a"}}), grpc::StatusCode::UNAUTHENTICATED, "");
  v1::ExplainRecipeRequest named = RequestOf({{"lock", "a"}});
  named.mutable_scope()->set_scope("other");
  Explain(named, grpc::StatusCode::PERMISSION_DENIED);
  Explain(named, grpc::StatusCode::OK, "stranger");
}

}  // namespace
}  // namespace depcache::server
