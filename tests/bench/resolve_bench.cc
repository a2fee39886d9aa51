// ResolveUnits for 600 units, on loopback: a server on RocksDB in this process
// and the client's own code. Beside it the cheapest call there is, which is
// what the connection costs.
//
//   cmake --preset release -DDEPCACHE_BUILD_BENCH=ON
//   cmake --build build/release --target resolve_bench && build/release/bin/resolve_bench

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "cache/base/compress.h"
#include "cache/base/log.h"
#include "client/remote/grpc_remote_cache.h"
#include "server/app.h"
#include "tests/support/layer_builder.h"
#include "tests/support/test_folder.h"

namespace depcache::bench {
namespace {

using client::RemoteCache;
using client::UnitQuestion;

constexpr std::size_t kUnits = 600;
constexpr std::size_t kDepsPerUnit = 4;
constexpr std::size_t kUnitsPerPredicate = 8;

// A failed step makes the figures worthless.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(value);
}
void Must(const absl::Status& status) { Must(status.ok() ? absl::StatusOr<int>(0) : status); }

class Served {
 public:
  Served() {
    SetLogLevel(LogLevel::kOff);
    server::Config config;
    config.listen = "127.0.0.1:0";
    config.data = folder_ / "data";
    config.min_free_bytes = 0;
    config.log_level = LogLevel::kOff;
    app_ = Must(server::App::Start(config));
    client::RemoteOptions options;
    options.server = "127.0.0.1:" + std::to_string(app_->port());
    options.connect_bound = options.lookup_bound = std::chrono::seconds(60);
    remote_ = Must(client::OpenRemoteCache(options));
    Store(MakeUnits());
  }

  RemoteCache& remote() { return *remote_; }
  const std::vector<UnitQuestion>& questions() const { return questions_; }

 private:
  testing::BuiltLayer MakeUnits() {
    testing::LayerBuilder builder;
    std::vector<UnitRef> refs;
    for (std::size_t i = 0; i < kUnits; ++i) {
      const std::string name = "unit" + std::to_string(i);
      UnitQuestion question;
      question.inputs = testing::LayerBuilder::InputsOf(name);
      std::vector<UnitRef> deps;
      for (std::size_t d = 1; d <= kDepsPerUnit && d * d <= i; ++d) {
        question.deps.push_back(static_cast<std::uint32_t>(i - d * d));
        deps.push_back(refs[i - d * d]);
      }
      std::vector<Predicate> predicates;
      if (i % kUnitsPerPredicate == 0) {
        predicates.push_back({PredicateKind::kEnv, "VARIABLE_" + std::to_string(i), std::nullopt});
      }
      refs.push_back(builder.AddUnit(name, testing::RandomPlain(300, i), deps, predicates));
      questions_.push_back(std::move(question));
    }
    return builder.Build();
  }

  void Store(const testing::BuiltLayer& layer) {
    auto upload = Must(remote_->OpenUpload());
    for (const auto& [hash, plain] : layer.blobs) {
      Must(upload->Write({hash, CompressFrame(plain)}));
    }
    Must(upload->Finish());
    std::vector<client::UnitToCommit> commits;
    for (const testing::BuiltUnit& unit : layer.units) commits.push_back({unit.ref, unit.record});
    if (!Must(remote_->CommitUnits(commits, {})).empty()) std::exit(1);
  }

  testing::TestFolder folder_;
  std::unique_ptr<server::App> app_;
  std::unique_ptr<RemoteCache> remote_;
  std::vector<UnitQuestion> questions_;
};

Served& TheServer() {
  static Served served;
  return served;
}

void ResolveUnits(benchmark::State& state) {
  Served& served = TheServer();
  for (auto _ : state) {
    const auto answer = Must(served.remote().ResolveUnits(
        served.questions(), [](PredicateKind, const std::string&) { return std::nullopt; }));
    if (answer.units.size() != kUnits) state.SkipWithError("not every unit was found");
  }
}
BENCHMARK(ResolveUnits)->Unit(benchmark::kMillisecond)->UseRealTime();

void SmallestCall(benchmark::State& state) {
  Served& served = TheServer();
  for (auto _ : state) benchmark::DoNotOptimize(Must(served.remote().GetInfo()));
}
BENCHMARK(SmallestCall)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace depcache::bench

BENCHMARK_MAIN();
