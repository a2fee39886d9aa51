#include "server/rpc/admin_service.h"

#include "cache/base/version.h"
#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::depcache::testing::BuiltLayer;
using ::depcache::testing::SmallLayer;
using ::testing::HasSubstr;

constexpr auto kOk = grpc::StatusCode::OK;
constexpr auto kDenied = grpc::StatusCode::PERMISSION_DENIED;

TokenTable AdminTokens() {
  const auto entry = [](const char* token, const char* more) {
    return fmt::format("[[token]]\nprincipal=\"{}\"\nsha256=\"{}\"\nread=['main']\n{}\n", token,
                       HashAs<PartDigest>(token).ToHex(), more);
  };
  return *TokenTable::Parse(entry("root", "admin=true") + entry("ci", "write=['main']"));
}

// Calls of AdminService and what they need.
class AdminServiceTest : public RpcFixture {
 protected:
  AdminServiceTest() : RpcFixture(AdminTokens()) {}

  template <typename Request, typename Response>
  using Method = grpc::Status (v1::AdminService::Stub::*)(grpc::ClientContext*, const Request&,
                                                          Response*);
  template <typename Request, typename Response>
  Response Call(Method<Request, Response> method, const Request& request,
                grpc::StatusCode want = kOk, const std::string& token = "root") {
    grpc::ClientContext context;
    UseToken(context, token);
    const auto stub = v1::AdminService::NewStub(channel());
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    EXPECT_EQ(status.error_code(), want) << status.error_message();
    return response;
  }
  v1::GetStatsResponse Stats(grpc::StatusCode want = kOk, const std::string& token = "root") {
    return Call(&v1::AdminService::Stub::GetStats, v1::GetStatsRequest(), want, token);
  }

  // A layer whose recipe has these parts; the recipe's hash.
  RecipeHash Store(const std::vector<std::pair<std::string, std::string>>& parts) {
    const auto scope = ResolveScope(AnonymousCaller(), "", "main");
    const BuiltLayer layer = SmallLayer(++seed_);
    for (const auto& [hash, plain] : layer.blobs) {
      const std::string frame = CompressFrame(plain);
      const NewBlob blob{DigestOf(plain), frame};
      EXPECT_TRUE(cache().WriteBlobs(*scope, {&blob, 1}).ok());
    }
    std::vector<UnitCommit> units;
    for (const auto& unit : layer.units) units.push_back({unit.ref, unit.record});
    EXPECT_TRUE(cache().CommitUnits(*scope, units, layer.packages).ok());
    std::vector<NamedValue> values;
    for (const auto& [name, value] : parts) values.push_back({name, value});
    const RecipeHash recipe = Recipe::FromParts(parts)->Hash();
    EXPECT_TRUE(cache().CommitLayer(*scope, recipe, values, layer.index).ok());
    return recipe;
  }

 private:
  std::uint64_t seed_ = 0;
};

TEST_F(AdminServiceTest, StatsSayWhatTheServerDid) {
  const RecipeHash recipe = Store({{"lock", "text"}});
  v1::GetLayerRequest request;
  v1::GetLayerResponse found;
  for (const RecipeHash& hash : {recipe, HashAs<RecipeHash>("unknown")}) {
    grpc::ClientContext context;
    UseToken(context, "ci");
    request.set_recipe_hash(std::string(hash.AsBytes()));
    Layers()->GetLayer(&context, request, &found);
  }
  clock().Advance(std::chrono::seconds(7));
  const v1::GetStatsResponse stats = Stats();
  EXPECT_EQ(stats.hits(), 1);
  EXPECT_EQ(stats.misses(), 1);
  EXPECT_EQ(stats.layers(), 1);
  EXPECT_EQ(stats.units(), 2);
  EXPECT_EQ(stats.disk_bytes(), cache().stored_bytes());
  EXPECT_EQ(stats.max_disk_bytes(), LayerCache::Options().max_stored_bytes);
  EXPECT_EQ(stats.uptime_seconds(), 7);
  EXPECT_EQ(stats.compile_seconds_saved(), 0);
  EXPECT_EQ(stats.streams_under_way(), 0);
  EXPECT_EQ(stats.server_version(), Version());
  cache()
      .OpenReader(*ResolveScope(AnonymousCaller(), "", "main"), found.ticket())
      ->Read({}, [](std::size_t, const absl::StatusOr<Frame>&) { return true; });
  EXPECT_EQ(Stats().compile_seconds_saved(), 0) << "nothing was read";
}

TEST_F(AdminServiceTest, ReadingALayerSavesItsTime) {
  const RecipeHash recipe = Store({{"lock", "text"}});
  grpc::ClientContext context;
  UseToken(context, "ci");
  v1::GetLayerRequest request;
  v1::GetLayerResponse found;
  request.set_recipe_hash(std::string(recipe.AsBytes()));
  ASSERT_TRUE(Layers()->GetLayer(&context, request, &found).ok());
  v1::ReadBlobsRequest read;
  read.set_ticket(found.ticket());
  read.set_hashes(found.variants(0).index(0).sha256());
  grpc::ClientContext reading;
  UseToken(reading, "ci");
  const auto stub = Blobs();
  const auto stream = stub->ReadBlobs(&reading);
  ASSERT_TRUE(stream->Write(read));
  v1::ReadBlobsResponse blobs;
  ASSERT_TRUE(stream->Read(&blobs));
  const v1::GetStatsResponse stats = Stats();
  EXPECT_EQ(stats.streams_under_way(), 1);
  EXPECT_DOUBLE_EQ(stats.compile_seconds_saved(), 0.2);
  EXPECT_EQ(stats.bytes_served(), blobs.blobs(0).frame().size());
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&blobs));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(AdminServiceTest, ListsPageByPage) {
  std::set<std::string> stored;
  for (int i = 0; i < 5; ++i) stored.insert(RecipeHashText(Store({{"lock", std::to_string(i)}})));
  std::set<std::string> listed;
  v1::ListLayersRequest request;
  request.set_page_size(2);
  int pages = 0;
  do {
    const auto page = Call(&v1::AdminService::Stub::ListLayers, request);
    for (const v1::LayerSummary& layer : page.layers()) {
      EXPECT_EQ(layer.unit_count(), 2);
      EXPECT_EQ(layer.principal(), "anonymous");
      EXPECT_TRUE(listed.insert(layer.recipe_hash()).second);
    }
    request.set_page(page.next_page());
    ++pages;
  } while (!request.page().empty());
  EXPECT_EQ(listed, stored);
  EXPECT_EQ(pages, 3);
  request.set_page("not a page");
  Call(&v1::AdminService::Stub::ListLayers, request, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdminServiceTest, ShowsPartsButNoSecret) {
  const RecipeHash recipe = Store({{"env.API_TOKEN", "hunter2"},
                                   {"env.CC", "gcc-12"},
                                   {"env.OTHER_KEY", "sha256:abcd"},
                                   {"patch", "x = https://ann:pw@example.org/x"}});
  v1::ShowLayerRequest request;
  request.set_recipe_hash(std::string(recipe.AsBytes()));
  const auto shown = Call(&v1::AdminService::Stub::ShowLayer, request);
  ASSERT_EQ(shown.variants_size(), 1);
  EXPECT_EQ(shown.variants(0).recipe_hash(), RecipeHashText(recipe));
  std::map<std::string, std::pair<v1::PartValue, std::string>> parts;
  for (const v1::StoredPart& part : shown.parts())
    parts[part.name()] = {part.state(), part.value()};
  EXPECT_EQ(parts["env.CC"], std::pair(v1::PART_VALUE_SHOWN, std::string("gcc-12")));
  EXPECT_EQ(parts["env.OTHER_KEY"], std::pair(v1::PART_VALUE_SHOWN, std::string("sha256:abcd")));
  EXPECT_EQ(parts["env.API_TOKEN"], std::pair(v1::PART_VALUE_HIDDEN, std::string()));
  EXPECT_EQ(parts["patch"], std::pair(v1::PART_VALUE_HIDDEN, std::string()));
  request.set_recipe_hash(std::string(32, 'x'));
  Call(&v1::AdminService::Stub::ShowLayer, request, grpc::StatusCode::NOT_FOUND);
  request.set_recipe_hash("short");
  Call(&v1::AdminService::Stub::ShowLayer, request, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdminServiceTest, EvictsOnce) {
  v1::EvictLayerRequest request;
  request.set_recipe_hash(std::string(Store({{"lock", "text"}}).AsBytes()));
  EXPECT_EQ(Call(&v1::AdminService::Stub::EvictLayer, request).evicted(), 1);
  EXPECT_EQ(Call(&v1::AdminService::Stub::EvictLayer, request).evicted(), 0);
  EXPECT_EQ(Stats().layers(), 0);
  EXPECT_EQ(Stats().units(), 2);
}

TEST_F(AdminServiceTest, ListsSuspendedUnitsAndServesOneAgain) {
  Store({{"lock", "text"}});
  const BuiltLayer layer = SmallLayer(1);
  const auto admin = ResolveScope(Caller{"root", "", {"main"}, {}, true}, "", "main");
  ASSERT_TRUE(admin.ok());
  ASSERT_TRUE(cache().ReportUnit(*admin, layer.units[0].ref, ReportReason::kDiffers, "other bytes").ok());
  const auto listed =
      Call(&v1::AdminService::Stub::ListSuspendedUnits, v1::ListSuspendedUnitsRequest());
  ASSERT_EQ(listed.units_size(), 1);
  EXPECT_FALSE(listed.is_cut());
  const v1::SuspendedUnit& unit = listed.units(0);
  EXPECT_EQ(unit.unit().key(), layer.units[0].ref.key.AsBytes());
  EXPECT_EQ(unit.package(), "u1_base");
  EXPECT_EQ(unit.version(), "1.0.0");
  ASSERT_EQ(unit.reports_size(), 1);
  EXPECT_EQ(unit.reports(0).principal(), "root");
  EXPECT_EQ(unit.reports(0).reason(), v1::REPORT_REASON_DIFFERS);
  EXPECT_EQ(unit.reports(0).text(), "other bytes");
  v1::ServeUnitRequest request;
  request.set_unit_key(unit.unit().key());
  EXPECT_EQ(Call(&v1::AdminService::Stub::ServeUnit, request).served(), 1);
  EXPECT_EQ(Call(&v1::AdminService::Stub::ServeUnit, request).served(), 0);
  request.set_unit_key("short");
  Call(&v1::AdminService::Stub::ServeUnit, request, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdminServiceTest, OnlyAnAdminMayAsk) {
  v1::EvictLayerRequest evict;
  evict.set_recipe_hash(std::string(32, 'x'));
  v1::ShowLayerRequest show;
  show.set_recipe_hash(std::string(32, 'x'));
  v1::ServeUnitRequest serve;
  serve.set_unit_key(std::string(32, 'x'));
  for (const auto& [token, want] : {std::pair("root", kOk), std::pair("ci", kDenied),
                                    std::pair("", grpc::StatusCode::UNAUTHENTICATED)}) {
    Stats(want, token);
    Call(&v1::AdminService::Stub::ListLayers, v1::ListLayersRequest(), want, token);
    Call(&v1::AdminService::Stub::EvictLayer, evict, want, token);
    Call(&v1::AdminService::Stub::ListSuspendedUnits, v1::ListSuspendedUnitsRequest(), want, token);
    Call(&v1::AdminService::Stub::ServeUnit, serve, want, token);
    Call(&v1::AdminService::Stub::ShowLayer, show, want == kOk ? grpc::StatusCode::NOT_FOUND : want,
         token);
  }
}

}  // namespace
}  // namespace depcache::server
