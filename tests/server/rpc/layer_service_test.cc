#include "server/rpc/layer_service.h"

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::depcache::testing::BuiltLayer;
using ::depcache::testing::BuiltUnit;
using ::depcache::testing::SmallLayer;
using ::testing::HasSubstr;

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr auto kDenied = grpc::StatusCode::PERMISSION_DENIED;
constexpr auto kNotFound = grpc::StatusCode::NOT_FOUND;

class LayerServiceTest : public TokenFixture {
 protected:
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::LayerService::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response* response, const std::string& token) {
    grpc::ClientContext context;
    UseToken(context, token);
    return ((*Layers()).*method)(&context, request, response);
  }
  static Recipe SampleRecipe() {
    Recipe recipe;
    recipe.Add("lock", "text");
    return recipe;
  }
  static v1::CommitUnitsRequest UnitsOf(const BuiltLayer& layer) {
    v1::CommitUnitsRequest request;
    for (const BuiltUnit& unit : layer.units) {
      v1::UnitCommit* out = request.add_units();
      ToProto(unit.ref, out->mutable_unit());
      ToProto(unit.record, out->mutable_record());
    }
    ToProto(std::span<const Digest>(layer.packages), request.mutable_packages());
    return request;
  }
  static v1::CommitLayerRequest LayerOf(const BuiltLayer& layer) {
    v1::CommitLayerRequest request;
    AddPart(request.mutable_parts(), "lock", "text");
    request.set_claimed_hash(RecipeHashText(SampleRecipe().Hash()));
    ToProto(std::span<const Digest>(layer.index), request.mutable_index());
    return request;
  }
  grpc::Status Commit(const v1::CommitUnitsRequest& request, const std::string& token = "writer") {
    units_.Clear();
    return Call(&v1::LayerService::Stub::CommitUnits, request, &units_, token);
  }
  grpc::Status Commit(const v1::CommitLayerRequest& request, const std::string& token = "writer") {
    committed_.Clear();
    return Call(&v1::LayerService::Stub::CommitLayer, request, &committed_, token);
  }
  grpc::Status Get(const RecipeHash& hash, const std::string& token = "reader") {
    v1::GetLayerRequest request;
    request.set_recipe_hash(std::string(hash.AsBytes()));
    found_.Clear();
    return Call(&v1::LayerService::Stub::GetLayer, request, &found_, token);
  }
  grpc::Status Find(const std::string& checksums, const std::string& token = "reader") {
    v1::FindPackagesRequest request;
    request.set_checksums(checksums);
    packages_.Clear();
    return Call(&v1::LayerService::Stub::FindPackages, request, &packages_, token);
  }
  void WriteBlobsOf(const BuiltLayer& layer) {
    std::vector<std::string> plains;
    for (const auto& [hash, plain] : layer.blobs) plains.push_back(plain);
    ASSERT_TRUE(Write(plains, "writer").ok());
  }
  void Store(const BuiltLayer& layer) {
    WriteBlobsOf(layer);
    ASSERT_TRUE(Commit(UnitsOf(layer)).ok());
    ASSERT_EQ(units_.recorded_count(), 3);
    ASSERT_TRUE(Commit(LayerOf(layer)).ok());
    ASSERT_EQ(committed_.missing_size(), 0);
  }

  v1::CommitUnitsResponse units_;
  v1::CommitLayerResponse committed_;
  v1::GetLayerResponse found_;
  v1::FindPackagesResponse packages_;
};

TEST_F(LayerServiceTest, ReportsAreHeardCheckedAndBoundToRights) {
  const BuiltLayer layer = SmallLayer(1);
  Store(layer);
  v1::ReportUnitRequest request;
  v1::ReportUnitResponse response;
  const auto report = [&](const std::string& token) {
    response.Clear();
    return Call(&v1::LayerService::Stub::ReportUnit, request, &response, token).error_code();
  };
  EXPECT_EQ(report("reader"), kInvalid) << "no unit";
  ToProto(layer.units[0].ref, request.mutable_unit());
  EXPECT_EQ(report("reader"), kInvalid) << "no reason";
  request.set_reason(static_cast<v1::ReportReason>(4));
  EXPECT_EQ(report("reader"), kInvalid);
  request.set_reason(v1::REPORT_REASON_UNUSABLE);
  request.set_text(std::string(1025, 'x'));
  EXPECT_EQ(report("reader"), kInvalid);
  request.set_text("error[E0786]");
  EXPECT_EQ(report("nobody"), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(report("reader"), grpc::StatusCode::OK);
  EXPECT_FALSE(response.is_suspended());
  EXPECT_TRUE(Get(SampleRecipe().Hash()).ok());
  EXPECT_EQ(report("writer"), grpc::StatusCode::OK);
  EXPECT_TRUE(response.is_suspended());
  EXPECT_EQ(Get(SampleRecipe().Hash()).error_code(), kNotFound);
  ToProto(UnitRef{layer.units[0].ref.key, HashAs<OutputDigest>("none")}, request.mutable_unit());
  EXPECT_EQ(report("writer"), kNotFound);
}

TEST_F(LayerServiceTest, WhatOneCommitsAnotherFinds) {
  const BuiltLayer layer = SmallLayer(1);
  Store(layer);
  ASSERT_TRUE(Get(SampleRecipe().Hash()).ok());
  ASSERT_EQ(found_.variants_size(), 1);
  const v1::LayerVariant& variant = found_.variants(0);
  EXPECT_EQ(FromProto(variant.index(0)).value(), layer.index[0]);
  EXPECT_EQ(variant.unit_count(), 2);
  EXPECT_EQ(variant.plain_bytes(), 6000);
  EXPECT_EQ(variant.compile_ms(), 200);
  EXPECT_EQ(variant.principal(), "writer");
  EXPECT_EQ(variant.created_unix_seconds(), 1'800'000'000);
  EXPECT_EQ(found_.ticket().size(), 16);
  EXPECT_EQ(found_.found_in_scope(), "main");
}

TEST_F(LayerServiceTest, AMissIsNotFound) {
  EXPECT_EQ(Get(RecipeHash()).error_code(), kNotFound);
  Store(SmallLayer(1));
  EXPECT_EQ(Get(SampleRecipe().Hash(), "stranger").error_code(), kDenied);
  v1::GetLayerRequest request;
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    request.set_recipe_hash(std::string(size, 'x'));
    EXPECT_EQ(Call(&v1::LayerService::Stub::GetLayer, request, &found_, "reader").error_code(),
              kInvalid);
  }
}

TEST_F(LayerServiceTest, AFalseRecipeHashIsRefused) {
  const BuiltLayer layer = SmallLayer(1);
  WriteBlobsOf(layer);
  Recipe other;
  other.Add("lock", "of somebody else");
  v1::CommitLayerRequest request = LayerOf(layer);
  request.set_claimed_hash(RecipeHashText(other.Hash()));
  EXPECT_EQ(Commit(request).error_code(), kInvalid);
  EXPECT_EQ(Get(other.Hash()).error_code(), kNotFound);
  EXPECT_EQ(Get(SampleRecipe().Hash()).error_code(), kNotFound);
  request.clear_claimed_hash();
  EXPECT_TRUE(Commit(request).ok());
  EXPECT_TRUE(Get(SampleRecipe().Hash()).ok()) << "the hash is of the parts, whatever was claimed";
}

TEST_F(LayerServiceTest, ReadersCommitNothing) {
  const BuiltLayer layer = SmallLayer(1);
  WriteBlobsOf(layer);
  EXPECT_EQ(Commit(UnitsOf(layer), "reader").error_code(), kDenied);
  EXPECT_EQ(Commit(LayerOf(layer), "reader").error_code(), kDenied);
  EXPECT_EQ(Commit(LayerOf(layer), "").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Get(SampleRecipe().Hash()).error_code(), kNotFound);
}

TEST_F(LayerServiceTest, MissingBlobsAreListed) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_TRUE(Commit(UnitsOf(layer)).ok());
  EXPECT_EQ(units_.recorded_count(), 0);
  EXPECT_EQ(units_.missing_size(), 3);
  ASSERT_TRUE(Commit(LayerOf(layer)).ok());
  ASSERT_EQ(committed_.missing_size(), 1);
  EXPECT_EQ(committed_.missing(0).sha256(), layer.index[0].hash.AsBytes());
}

TEST_F(LayerServiceTest, CommittingTwiceSaysSo) {
  const BuiltLayer layer = SmallLayer(1);
  Store(layer);
  EXPECT_FALSE(committed_.existed());
  ASSERT_TRUE(Commit(LayerOf(layer)).ok());
  EXPECT_TRUE(committed_.existed());
}

TEST_F(LayerServiceTest, RequestsKeepTheirLimits) {
  v1::CommitUnitsRequest many;
  for (int i = 0; i < 4097; ++i) many.add_units();
  grpc::Status status = Commit(many);
  EXPECT_EQ(status.error_code(), kInvalid);
  EXPECT_THAT(status.error_message(), HasSubstr("more than 4096"));
  v1::CommitUnitsRequest packages;
  for (int i = 0; i < 4097; ++i) packages.add_packages();
  EXPECT_EQ(Commit(packages).error_code(), kInvalid);
  v1::CommitUnitsRequest bad = UnitsOf(SmallLayer(1));
  bad.mutable_units(1)->mutable_unit()->set_key("short");
  EXPECT_EQ(Commit(bad).error_code(), kInvalid);
  v1::CommitLayerRequest no_index = LayerOf(SmallLayer(1));
  no_index.clear_index();
  EXPECT_EQ(Commit(no_index).error_code(), kInvalid);
  EXPECT_TRUE(Find(std::string(32 * 20'000, 'x')).ok());
  EXPECT_EQ(packages_.records_size(), 20'000);
  EXPECT_EQ(Find(std::string(32 * 20'001, 'x')).error_code(), kInvalid);
  EXPECT_EQ(Find(std::string(33, 'x')).error_code(), kInvalid);
}

TEST_F(LayerServiceTest, PackagesAreFoundByChecksum) {
  const BuiltLayer layer = SmallLayer(1);
  Store(layer);
  ASSERT_TRUE(Find(std::string(32, 'x') + NameOf("crate of u1")).ok());
  ASSERT_EQ(packages_.records_size(), 2);
  EXPECT_EQ(packages_.records(0).sha256(), "");
  EXPECT_EQ(FromProto(packages_.records(1)).value(), layer.packages[0]);
  EXPECT_EQ(Find(NameOf("crate of u1"), "stranger").error_code(), kDenied);
}

}  // namespace
}  // namespace depcache::server
