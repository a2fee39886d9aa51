#include "server/metrics.h"

#include <chrono>
#include <limits>
#include <optional>
#include <vector>

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include "cache/base/log.h"
#include "cache/base/mutex.h"
#include "cache/base/status.h"

namespace depcache::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::size_t kThreads = 2;
constexpr double kMsPerSecond = 1000.0;
// Counting layers and units walks over all of them.
constexpr std::chrono::seconds kStatsAge{60};

MetricFamily One(const char* name, const char* help, MetricType type, double value) {
  ClientMetric metric;
  (type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
  return MetricFamily{name, help, type, {metric}};
}

struct CounterName {
  Count count;
  const char* name;
  const char* help;
};

constexpr CounterName kCounters[] = {
    {Count::kHits, "depcache_hits_total", "Look-ups of a recipe that gave a layer"},
    {Count::kPartialHits, "depcache_partial_hits_total", "Look-ups of a plan that gave some unit"},
    {Count::kMisses, "depcache_misses_total", "Look-ups of a recipe that gave no layer"},
    {Count::kBytesServed, "depcache_served_bytes_total", "Compressed bytes of blobs handed out"},
    {Count::kBytesReceived, "depcache_received_bytes_total", "Compressed bytes of blobs received"},
    {Count::kEvictedGenerations, "depcache_evictions_total", "Generations evicted"},
    {Count::kEvictedBytes, "depcache_evicted_bytes_total", "Bytes of evicted generations"},
    {Count::kReports, "depcache_unit_reports_total", "Reports of units that were no good"},
};

class Figures final : public prometheus::Collectable {
 public:
  Figures(LayerCache& cache, CallStats& calls) : cache_(cache), calls_(calls) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> families;
    const Counters& counters = cache_.counters();
    for (const CounterName& counter : kCounters) {
      families.push_back(One(counter.name, counter.help, MetricType::Counter,
                             static_cast<double>(counters.Get(counter.count))));
    }
    families.push_back(
        One("depcache_compile_seconds_saved_total", "Compile time of what was handed out",
            MetricType::Counter,
            static_cast<double>(counters.Get(Count::kCompileMsSaved)) / kMsPerSecond));
    AddStore(families);
    families.push_back(One("depcache_streams_under_way", "Streams that did not end yet",
                           MetricType::Gauge, calls_.StreamsUnderWay()));
    families.push_back(Calls());
    return families;
  }

 private:
  void AddStore(std::vector<MetricFamily>& families) const {
    families.push_back(One("depcache_stored_bytes", "Compressed bytes of blobs stored",
                           MetricType::Gauge, static_cast<double>(cache_.stored_bytes())));
    families.push_back(One("depcache_max_stored_bytes", "Limit above which the oldest are evicted",
                           MetricType::Gauge,
                           static_cast<double>(cache_.options().max_stored_bytes)));
    const absl::StatusOr<CacheStats> stats = Stats();
    if (!stats.ok()) {
      Log(LogLevel::kWarn, "metrics without layers and units: {}", MessageOf(stats.status()));
      return;
    }
    families.push_back(One("depcache_layers", "Layers stored, counted once a minute",
                           MetricType::Gauge, static_cast<double>(stats->entries.layers)));
    families.push_back(One("depcache_units", "Units stored, counted once a minute",
                           MetricType::Gauge, static_cast<double>(stats->entries.units)));
    families.push_back(One("depcache_suspended_units",
                           "Units not served for what was reported, counted once a minute",
                           MetricType::Gauge, static_cast<double>(stats->suspended_units)));
  }

  absl::StatusOr<CacheStats> Stats() const {
    const SteadyTime now = std::chrono::steady_clock::now();
    {
      MutexLock lock(mutex_);
      if (stats_ && now < counted_ + kStatsAge) return *stats_;
    }
    DEPCACHE_ASSIGN_OR_RETURN(const CacheStats stats, cache_.StatsNow());
    MutexLock lock(mutex_);
    stats_ = stats;
    counted_ = now;
    return stats;
  }

  MetricFamily Calls() const {
    MetricFamily family{
        "depcache_call_seconds", "Calls that ended, by method and code", MetricType::Histogram, {}};
    for (const auto& [key, tally] : calls_.Get()) {
      ClientMetric metric;
      metric.label = {{"method", key.first}, {"code", absl::StatusCodeToString(key.second)}};
      metric.histogram.sample_count = tally.calls;
      metric.histogram.sample_sum = tally.seconds;
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < tally.by_duration.size(); ++i) {
        below += tally.by_duration[i];
        metric.histogram.bucket.push_back({below, i < kCallSeconds.size()
                                                      ? kCallSeconds[i]
                                                      : std::numeric_limits<double>::infinity()});
      }
      family.metric.push_back(std::move(metric));
    }
    return family;
  }

  LayerCache& cache_;
  CallStats& calls_;
  mutable Mutex mutex_;
  mutable std::optional<CacheStats> stats_ ABSL_GUARDED_BY(mutex_);
  mutable SteadyTime counted_ ABSL_GUARDED_BY(mutex_);
};

class Listener final : public MetricsListener {
 public:
  Listener(const std::string& listen, LayerCache& cache, CallStats& calls)
      : figures_(std::make_shared<Figures>(cache, calls)), exposer_(listen, kThreads) {
    exposer_.RegisterCollectable(figures_);
  }
  int port() const override {
    const std::vector<int> ports = exposer_.GetListeningPorts();
    return ports.empty() ? 0 : ports[0];
  }

 private:
  const std::shared_ptr<Figures> figures_;
  prometheus::Exposer exposer_;  // stops before the figures go
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsListener>> MetricsListener::Start(const std::string& listen,
                                                                        LayerCache& cache,
                                                                        CallStats& calls) {
  // The library's one way to say that it cannot listen.
  try {
    return std::make_unique<Listener>(listen, cache, calls);
  } catch (const std::exception& error) {
    return Unavailable("cannot listen on {} for metrics: {}", listen, error.what());
  }
}

}  // namespace depcache::server
