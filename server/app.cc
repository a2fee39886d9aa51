#include "server/app.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "cache/base/files.h"
#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/janitor.h"
#include "cache/engine/lease_table.h"
#include "cache/store/rocksdb/rocksdb_store.h"
#include "cache/wire/convert.h"
#include "server/metrics.h"
#include "server/rpc/admin_service.h"
#include "server/rpc/blob_service.h"
#include "server/rpc/build_service.h"
#include "server/rpc/capabilities_service.h"
#include "server/rpc/layer_service.h"
#include "server/rpc/recipe_service.h"

namespace depcache::server {
namespace {

constexpr std::uint64_t kMaxSecretFileBytes = 1 << 20;
constexpr int kMaxSyncThreads = 64;
constexpr std::size_t kGrpcMemoryBytes = 192 << 20;
constexpr std::chrono::milliseconds kUpkeepInterval{30'000};
constexpr int kKeepaliveMs = 60'000;
constexpr int kMinPingIntervalMs = 30'000;

absl::StatusOr<OpenedStore> OpenStore(const Config& config) {
  if (config.store == "memory") return MakeMemoryStore();
  RocksDbOptions options;
  options.folder = config.data;
  options.block_cache_bytes = config.block_cache_bytes;
  options.min_free_bytes = config.min_free_bytes;
  return OpenRocksDbStore(options);
}

absl::StatusOr<std::optional<TokenTable>> ReadTokens(const Config& config) {
  if (config.tokens.empty()) return std::nullopt;
  DEPCACHE_ASSIGN_OR_RETURN(const std::string text, ReadFile(config.tokens, kMaxSecretFileBytes));
  absl::StatusOr<TokenTable> table = TokenTable::Parse(text);
  if (!table.ok()) return Annotate(table.status(), config.tokens.native());
  return *std::move(table);
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const Config& config) {
  if (config.tls_cert.empty()) return grpc::InsecureServerCredentials();
  DEPCACHE_ASSIGN_OR_RETURN(const std::string cert, ReadFile(config.tls_cert, kMaxSecretFileBytes));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string key, ReadFile(config.tls_key, kMaxSecretFileBytes));
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({key, cert});
  return grpc::SslServerCredentials(options);
}

LayerCache::Options CacheOptions(const Config& config) {
  LayerCache::Options options;
  options.max_stored_bytes = config.max_store_bytes;
  options.generations = config.generations;
  options.ticket_ttl = std::chrono::duration_cast<std::chrono::seconds>(config.ticket_ttl);
  return options;
}

}  // namespace

// Members are destroyed in reverse order, so a user never outlives what it uses.
struct App::Parts {
  Parts(const Config& settings, OpenedStore store, std::optional<TokenTable> tokens)
      : config(settings),
        cache(std::move(store), clock, CacheOptions(settings)),
        authenticator(std::move(tokens), clock),
        io_pool(settings.io_threads) {}

  const Config config;
  SystemClock clock;
  LayerCache cache;
  Janitor janitor{cache, kUpkeepInterval};
  Authenticator authenticator;
  CallGate gate;
  ThreadPool io_pool;
  RpcParts rpc{cache, authenticator, gate, io_pool, [this] { janitor.Wake(); }};
  RecipeServiceImpl recipes{rpc};
  LayerServiceImpl layers{rpc};
  BlobServiceImpl blobs{rpc};
  LeaseTable leases{clock, LeaseTable::Options{}};
  BuildServiceImpl builds{rpc, leases};
  CapabilitiesServiceImpl capabilities{rpc, clock};
  AdminServiceImpl admin{rpc};
  std::unique_ptr<MetricsListener> metrics;  // nullptr: off
  std::unique_ptr<grpc::Server> grpc;
  int port = 0;

  void Listen(const std::shared_ptr<grpc::ServerCredentials>& credentials);
};

void App::Parts::Listen(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("depcache-server");
  quota.SetMaxThreads(kMaxSyncThreads);
  quota.Resize(kGrpcMemoryBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(config.max_streams));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Two servers on one address would each answer half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(config.listen, credentials, &port);
  builder.RegisterService(&recipes);
  builder.RegisterService(&layers);
  builder.RegisterService(&blobs);
  builder.RegisterService(&builds);
  builder.RegisterService(&capabilities);
  builder.RegisterService(&admin);
  grpc = builder.BuildAndStart();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config) {
  DEPCACHE_ASSIGN_OR_RETURN(auto tokens, ReadTokens(config));
  DEPCACHE_ASSIGN_OR_RETURN(const auto credentials, MakeCredentials(config));
  DEPCACHE_ASSIGN_OR_RETURN(OpenedStore store, OpenStore(config));
  auto parts = std::make_unique<Parts>(config, std::move(store), std::move(tokens));
  if (!config.metrics_listen.empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(
        parts->metrics,
        MetricsListener::Start(config.metrics_listen, parts->cache, parts->gate.stats()));
  }
  parts->Listen(credentials);
  if (parts->grpc == nullptr || parts->port == 0) {
    return Unavailable("cannot listen on {}: is the address taken, or the TLS key not the "
                       "certificate's?", config.listen);
  }
  parts->grpc->GetHealthCheckService()->SetServingStatus(true);
  return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;
int App::port() const { return parts_->port; }
int App::metrics_port() const { return parts_->metrics ? parts_->metrics->port() : 0; }

void App::Stop() {
  const auto deadline = std::chrono::steady_clock::now() + parts_->config.drain;
  parts_->grpc->GetHealthCheckService()->SetServingStatus(false);
  parts_->gate.Drain();
  if (!parts_->gate.WaitIdle(deadline)) {
    Log(LogLevel::kWarn, "calls are still under way after the time to drain: ending them");
  }
  // What is still under way is cancelled; health watchers have been told.
  parts_->grpc->Shutdown(std::chrono::system_clock::now());
  parts_->grpc->Wait();
}

}  // namespace depcache::server
