// A layer goes to the server and comes back; what is not true is refused.

#include "depcache/v1/blob_service.grpc.pb.h"
#include "depcache/v1/layer_service.grpc.pb.h"
#include "depcache/v1/recipe_service.grpc.pb.h"
#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class StoreAndFindTest : public ServerFixture {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(StoreAndFindTest, ALayerComesBack) {
  const BuiltLayer layer = SmallLayer(1, 1'500'000);
  const auto remote = Connect();
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
  Store(*remote, RecipeOf(1), layer);
  const auto found = Connect()->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(found->variants, SizeIs(1));
  EXPECT_EQ(found->variants[0].index, layer.index);
  EXPECT_EQ(CountReadable(*remote, found->ticket, layer), layer.blobs.size());
  EXPECT_THAT(remote->FindMissing(DigestsOf(layer)), IsOkAndHolds(IsEmpty()));
}

TEST_F(StoreAndFindTest, ALayerIsThereAfterARestart) {
  const BuiltLayer layer = SmallLayer(1);
  Store(*Connect(), RecipeOf(1), layer);
  Stop();
  Start();
  const auto remote = Connect();
  const auto found = remote->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(CountReadable(*remote, found->ticket, layer), layer.blobs.size());
}

TEST_F(StoreAndFindTest, TheServerRecomputesTheRecipeHash) {
  EXPECT_THAT(Connect()->Fingerprint(RecipeOf(1)), IsOk());
  const auto stub = v1::RecipeService::NewStub(Channel());
  v1::FingerprintRequest request;
  v1::RecipePart* part = request.add_parts();
  part->set_name("lock");
  part->set_value("lock 1");
  v1::FingerprintResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub->Fingerprint(&context, request, &response).ok());
  EXPECT_EQ(response.recipe_hash(), RecipeHashText(RecipeOf(1).Hash()));
}

TEST_F(StoreAndFindTest, AFalseRecipeHashIsRefused) {
  const BuiltLayer layer = SmallLayer(1);
  const auto remote = Connect();
  ASSERT_THAT(Upload(*remote, layer), IsOk());
  const auto stub = v1::LayerService::NewStub(Channel());
  v1::CommitLayerRequest request;
  v1::RecipePart* part = request.add_parts();
  part->set_name("lock");
  part->set_value("lock 1");
  request.set_claimed_hash(RecipeHashText(RecipeOf(2).Hash()));
  v1::Digest* index = request.add_index();
  index->set_sha256(std::string(layer.index[0].hash.AsBytes()));
  index->set_size_bytes(layer.index[0].size_bytes);
  v1::CommitLayerResponse response;
  grpc::ClientContext context;
  const grpc::Status status = stub->CommitLayer(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr(RecipeHashText(RecipeOf(1).Hash())));
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
  EXPECT_THAT(remote->GetLayer(RecipeOf(2).Hash()), StatusIs(kNotFound));
}

TEST_F(StoreAndFindTest, WrongDigestsAndBombsAreRefused) {
  const auto remote = Connect();
  const auto send = [&](const BlobHash& hash, std::string frame) {
    auto upload = remote->OpenUpload();
    EXPECT_THAT(upload, IsOk());
    const absl::Status written = (*upload)->Write({hash, std::move(frame)});
    return written.ok() ? (*upload)->Finish() : written;
  };
  EXPECT_THAT(send(DigestOf("a").hash, CompressFrame("b")), StatusIs(kInvalid));
  const std::string zeros(200 << 20, '\0');
  EXPECT_THAT(send(DigestOf(zeros).hash, CompressFrame(zeros)), StatusIs(kInvalid));
  const std::vector<Digest> digests = {DigestOf("a"), DigestOf("b"), DigestOf(zeros)};
  EXPECT_THAT(remote->FindMissing(digests), IsOkAndHolds(SizeIs(3)));
  EXPECT_THAT(send(DigestOf("a").hash, CompressFrame("a")), IsOk());
}

TEST_F(StoreAndFindTest, PathsThatLeaveTheirFolderAreRefusedAtCommit) {
  LayerBuilder builder;
  UnitRecord record;
  record.package = PackageId{"evil", "1.0.0", "", ""};
  record.place = UnitPlace{
      "", "debug", "evil", "0", "run-build-script", "build_script_build", UnitKind::kScriptRun};
  UnitFile file;
  file.role = FileRole::kOutDirEntry;
  file.name = "../../../../root/.bashrc";
  file.content = InlineContent{"evil"};
  record.files = {file};
  builder.AddRecord(record);
  const BuiltLayer layer = builder.Build();
  const auto remote = Connect();
  ASSERT_THAT(Upload(*remote, layer), IsOk());
  const auto units = CommitUnits(*remote, layer);
  EXPECT_THAT(units, StatusIs(kInvalid));
  EXPECT_THAT(std::string(units.status().message()), HasSubstr("leaves OUT_DIR"));
  EXPECT_THAT(remote->CommitLayer(RecipeOf(1), layer.index), StatusIs(kInvalid));
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
}

TEST_F(StoreAndFindTest, ACancelledWriterLeavesNothing) {
  const BuiltLayer layer = SmallLayer(1, 2'000'000);
  const auto remote = Connect();
  {
    auto upload = remote->OpenUpload();
    ASSERT_THAT(upload, IsOk());
    for (const auto& [hash, plain] : layer.blobs) {
      ASSERT_THAT((*upload)->Write({hash, CompressFrame(plain)}), IsOk());
    }
    // Gone without Finish: cancelled.
  }
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
  Stop();  // waits for every call
  Start();
  const auto after = Connect();
  EXPECT_THAT(after->FindMissing(DigestsOf(layer)), IsOkAndHolds(SizeIs(layer.blobs.size())));
  Store(*after, RecipeOf(1), layer);
  EXPECT_THAT(after->GetLayer(RecipeOf(1).Hash()), IsOk());
}

}  // namespace
}  // namespace depcache::testing
