#include "server/rpc/call_stats.h"

#include <algorithm>

namespace depcache::server {
namespace {

bool IsStream(std::string_view method) {
  return method == "ReadBlobs" || method == "WriteBlobs" || method == "ResolveUnits";
}

}  // namespace

void CallStats::Begin(std::string_view method) {
  MutexLock lock(mutex_);
  ++calls_;
  if (IsStream(method)) ++streams_;
}

void CallStats::End(std::string_view method, absl::StatusCode code,
                    std::chrono::duration<double> elapsed) {
  const auto bound = std::lower_bound(kCallSeconds.begin(), kCallSeconds.end(), elapsed.count());
  MutexLock lock(mutex_);
  --calls_;
  if (IsStream(method)) --streams_;
  CallTally& tally = tallies_[{std::string(method), code}];
  ++tally.calls;
  tally.seconds += elapsed.count();
  ++tally.by_duration[static_cast<std::size_t>(bound - kCallSeconds.begin())];
}

CallStats::Tallies CallStats::Get() {
  MutexLock lock(mutex_);
  return tallies_;
}

std::uint32_t CallStats::StreamsUnderWay() {
  MutexLock lock(mutex_);
  return streams_;
}

std::uint32_t CallStats::CallsUnderWay() {
  MutexLock lock(mutex_);
  return calls_;
}

}  // namespace depcache::server
