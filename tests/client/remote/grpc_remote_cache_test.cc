#include "client/remote/grpc_remote_cache.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cache/base/compress.h"
#include "cache/layer/unit_key.h"
#include "server/app.h"
#include "tests/support/layer_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::BuiltLayer;
using ::depcache::testing::IsOk;
using ::depcache::testing::LayerBuilder;
using ::depcache::testing::RandomPlain;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatient{60};

RemoteOptions OptionsFor(const std::string& server) {
  RemoteOptions options;
  options.server = server;
  options.connect_bound = options.lookup_bound = kPatient;
  return options;
}

TEST(OpenRemoteCacheTest, ATokenLeavesThisMachineOnlyEncryptedOrWhenToldTo) {
  const auto remote = OpenRemoteCache(OptionsFor("cache.example:7450"));
  EXPECT_THAT(remote, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(remote.status().ToString(), HasSubstr("DEPCACHE_ALLOW_PLAINTEXT"));
  EXPECT_FALSE(OpenRemoteCache(OptionsFor("127.0.0.1.example.com")).ok());
  RemoteOptions allowed = OptionsFor("cache.example:7450");
  allowed.allow_plaintext = true;
  EXPECT_THAT(OpenRemoteCache(allowed), IsOk());
  EXPECT_THAT(OpenRemoteCache(OptionsFor("grpcs://cache.example")), IsOk());
  EXPECT_THAT(OpenRemoteCache(OptionsFor("localhost:1")), IsOk());
}

TEST(OpenRemoteCacheTest, WrongAddressesAndMissingAuthoritiesAreNamed) {
  EXPECT_THAT(OpenRemoteCache(OptionsFor("http://h")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  RemoteOptions options = OptionsFor("grpcs://h");
  options.ca_file = "/no/such/ca.pem";
  EXPECT_THAT(OpenRemoteCache(options), StatusIs(absl::StatusCode::kNotFound));
}

TEST(GrpcRemoteCacheTest, WithoutAServerEveryCallIsUnavailable) {
  RemoteOptions options = OptionsFor("127.0.0.1:1");
  options.connect_bound = std::chrono::milliseconds(50);
  const auto remote = OpenRemoteCache(options);
  ASSERT_THAT(remote, IsOk());
  EXPECT_THAT((*remote)->GetInfo(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT((*remote)->GetLayer({}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT((*remote)->OpenBlobs(""), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT((*remote)->OpenUpload(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(GrpcRemoteCacheTest, ASocketThatNeverAnswersIsNoServer) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener.get(), plain, size), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  ASSERT_EQ(getsockname(listener.get(), plain, &size), 0);
  RemoteOptions options = OptionsFor(fmt::format("127.0.0.1:{}", ntohs(address.sin_port)));
  options.connect_bound = std::chrono::milliseconds(50);
  options.lookup_bound = std::chrono::milliseconds(50);
  const auto remote = OpenRemoteCache(options);
  ASSERT_THAT(remote, IsOk());
  EXPECT_FALSE((*remote)->GetInfo().ok());
}

class GrpcRemoteCacheServerTest : public ::testing::Test {
 protected:
  void Start(const std::string& tokens = "") {
    server::Config config;
    config.listen = "127.0.0.1:0";
    config.store = "memory";
    config.log_level = LogLevel::kError;
    if (!tokens.empty()) config.tokens = folder_.Write("tokens.toml", tokens);
    auto app = server::App::Start(config);
    ASSERT_THAT(app, IsOk());
    app_ = *std::move(app);
  }
  std::unique_ptr<RemoteCache> Open(const std::string& token = "", const std::string& scope = "") {
    RemoteOptions options = OptionsFor(fmt::format("127.0.0.1:{}", app_->port()));
    options.token = token;
    options.scope = scope;
    auto remote = OpenRemoteCache(options);
    EXPECT_THAT(remote, IsOk());
    return *std::move(remote);
  }
  void TearDown() override {
    if (app_) app_->Stop();
  }

  const TestFolder folder_;
  std::unique_ptr<server::App> app_;
};

std::string TokenEntry(const std::string& principal, const std::string& token,
                       const std::string& write) {
  return fmt::format(
      "[[token]]\nprincipal = \"{}\"\nsha256 = \"{}\"\nread = [\"main\"]\nwrite = [{}]\n",
      principal, HashAs<BlobHash>(token).ToHex(), write);
}

TEST_F(GrpcRemoteCacheServerTest, TheTokenSaysWhoWeAre) {
  Start(TokenEntry("ci", "ci-token", "\"main\"") + TokenEntry("ann", "ann-token", ""));
  const auto ci = Open("ci-token")->GetInfo();
  ASSERT_THAT(ci, IsOk());
  EXPECT_EQ(ci->principal, "ci");
  EXPECT_TRUE(ci->can_write);
  const auto ann = Open("ann-token")->GetInfo();
  ASSERT_THAT(ann, IsOk());
  EXPECT_EQ(ann->principal, "ann");
  EXPECT_FALSE(ann->can_write);
}

TEST_F(GrpcRemoteCacheServerTest, AWrongTokenOrNoneIsRefusedForEveryCall) {
  Start(TokenEntry("ci", "ci-token", "\"main\""));
  for (const char* token : {"", "wrong"}) {
    const auto remote = Open(token);
    EXPECT_THAT(remote->GetLayer({}), StatusIs(absl::StatusCode::kUnauthenticated));
    auto blobs = remote->OpenBlobs("");
    ASSERT_THAT(blobs, IsOk());
    EXPECT_THAT((*blobs)->Read(std::vector<Digest>{DigestOf("x")},
                               [](std::size_t, absl::StatusOr<std::string>) { return true; }),
                StatusIs(absl::StatusCode::kUnauthenticated));
  }
}

TEST_F(GrpcRemoteCacheServerTest, AReaderMayNotCommit) {
  Start(TokenEntry("ann", "ann-token", ""));
  EXPECT_THAT(Open("ann-token")->CommitUnits({}, std::vector<Digest>{DigestOf("x")}),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(GrpcRemoteCacheServerTest, AServerThatStoppedIsUnavailable) {
  Start();
  const auto remote = Open();
  ASSERT_THAT(remote->GetInfo(), IsOk());
  auto blobs = remote->OpenBlobs("");
  ASSERT_THAT(blobs, IsOk());
  app_->Stop();
  app_.reset();
  EXPECT_FALSE((*blobs)
                   ->Read(std::vector<Digest>{DigestOf("x")},
                          [](std::size_t, absl::StatusOr<std::string>) { return true; })
                   .ok());
  EXPECT_FALSE(remote->GetInfo().ok());
}

TEST_F(GrpcRemoteCacheServerTest, AFrameThatIsNotItsBlobIsRefused) {
  Start();
  const auto remote = Open();
  auto upload = remote->OpenUpload();
  ASSERT_THAT(upload, IsOk());
  (*upload)->Write({HashAs<BlobHash>("said"), CompressFrame("sent")}).IgnoreError();
  EXPECT_FALSE((*upload)->Finish().ok());
  const auto missing = remote->FindMissing(std::vector<Digest>{DigestOf("said")});
  ASSERT_THAT(missing, IsOk());
  EXPECT_EQ(missing->size(), 1U);
}

// A builder knows the version it compiles; what waits knows how long others took.
TEST_F(GrpcRemoteCacheServerTest, WhoWaitsHearsHowLongSuchUnitsTook) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto first = Open();
  const auto second = Open();
  LayerBuilder builder;
  const UnitRef ref = builder.AddUnit("serde", RandomPlain(300, 1));
  const BuiltLayer layer = builder.Build();
  auto upload = first->OpenUpload();
  ASSERT_THAT(upload, IsOk());
  for (const auto& [hash, plain] : layer.blobs) {
    ASSERT_THAT((*upload)->Write({hash, CompressFrame(plain)}), IsOk());
  }
  ASSERT_THAT((*upload)->Finish(), IsOk());
  ASSERT_THAT(first->CommitUnits(std::vector<UnitToCommit>{{ref, layer.units[0].record}}, {}), IsOk());

  const UnitToBuild newer{BuildKeyOf(LayerBuilder::InputsOf("serde 2"), {}),
                          "serde/lib-serde//release"};
  const UnitToBuild unheard{BuildKeyOf(LayerBuilder::InputsOf("syn"), {}), "syn/lib-syn//release"};
  const std::vector<UnitToBuild> one = {newer};
  const std::vector<UnitToBuild> both = {newer, unheard};
  const auto lease = first->BeginBuild(one, /*only_asks=*/false, "");
  ASSERT_THAT(lease, IsOk());
  EXPECT_NE(lease->lease_id, "");
  EXPECT_EQ(lease->expected_total.count(), 0);
  const auto waits = second->BeginBuild(both, /*only_asks=*/true, "");
  ASSERT_THAT(waits, IsOk());
  EXPECT_THAT(waits->held, ElementsAre(0U));
  EXPECT_EQ(waits->expected_total, std::chrono::milliseconds(100));
  EXPECT_EQ(waits->expected_longest, std::chrono::milliseconds(100));
  ASSERT_THAT(first->BeginBuild(std::vector<UnitToBuild>{unheard}, false, lease->lease_id), IsOk());
  const auto unknown = second->BeginBuild(both, /*only_asks=*/true, "");
  ASSERT_THAT(unknown, IsOk());
  EXPECT_THAT(unknown->held, ElementsAre(0U, 1U));
  EXPECT_EQ(unknown->expected_total.count(), 0);
}

// True if `watch` tells something before the test has lasted too long.
bool IsTold(const BuildWatch& watch) {
  pollfd wait{watch.fd(), POLLIN, 0};
  return poll(&wait, 1, 60'000) == 1;
}
bool IsSilent(const BuildWatch& watch) {
  pollfd wait{watch.fd(), POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

TEST_F(GrpcRemoteCacheServerTest, UnitsOfOthersAreWatchedAndTheirRestIsTaken) {
  Start();
  const auto first = Open();
  const auto second = Open();
  const std::vector<UnitToBuild> both = {{BuildKeyOf(LayerBuilder::InputsOf("serde"), {}), "serde"},
                                         {BuildKeyOf(LayerBuilder::InputsOf("syn"), {}), "syn"}};
  const std::vector<BuildKey> keys = {both[0].key, both[1].key};
  const auto lease = first->BeginBuild({both.data(), 1}, /*only_asks=*/false, "");
  ASSERT_THAT(lease, IsOk());
  const auto rest = second->BeginBuild(both, /*only_asks=*/false, "");
  ASSERT_THAT(rest, IsOk());
  EXPECT_THAT(rest->held, ElementsAre(0U));
  EXPECT_NE(rest->lease_id, "");
  EXPECT_THAT(first->BeginBuild(both, /*only_asks=*/true, lease->lease_id)->held, ElementsAre(1U));

  const auto watch = second->WatchBuild({keys.data(), 1});
  ASSERT_THAT(watch, IsOk());
  const auto all = first->WatchBuild(keys);
  ASSERT_THAT(all, IsOk());
  EXPECT_TRUE(IsSilent(**watch));
  ASSERT_THAT(second->AbandonBuild(rest->lease_id, {keys.data() + 1, 1}), IsOk());
  EXPECT_TRUE(IsTold(**all));
  EXPECT_TRUE(IsSilent(**watch)) << "of the other unit";
  ASSERT_THAT(first->AbandonBuild(lease->lease_id, {}), IsOk());
  EXPECT_TRUE(IsTold(**watch));
  const auto late = second->WatchBuild(keys);
  ASSERT_THAT(late, IsOk());
  EXPECT_TRUE(IsTold(**late)) << "what is free already is told at once";
}

}  // namespace
}  // namespace depcache::client
