// Shares units while cargo still compiles: each is captured when its hash file
// appears and its dependencies are known, sent, and committed.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>

#include "cache/base/clock.h"
#include "cache/base/mutex.h"
#include "cache/cargo/root_scan.h"
#include "cache/cargo/unit_plan.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/recipe.h"
#include "client/capture/capture_unit.h"
#include "client/cargo/machine_folders.h"
#include "client/remote/remote_cache.h"
#include "client/system/process.h"

namespace depcache::client {

struct SharerInput {
  const UnitPlan& plan;
  const Recipe& recipe;
  const Lockfile& lock;
  const MachineFolders& folders;
  ProcessRunner& processes;
  // nullptr: units are captured for the stamps, and nothing is sent.
  RemoteCache* remote = nullptr;
  // Told, on the sharer's thread, of units that are on the server now, and of
  // units that will not be shared; may be empty.
  std::function<void(std::span<const std::size_t> units)> on_settled = {};
  // Variables as Cargo sees them. Called on the sharer's thread.
  EnvLookup env = {};
};

struct ShareResult {
  std::vector<std::optional<KnownUnit>> known;  // by plan index
  std::map<std::size_t, UnitRecord> records;    // of the units captured here
  std::map<std::size_t, std::string> refused;   // plan index -> why it is not shared
  std::vector<std::size_t> sent;                // plan indices committed by this run
  std::uint64_t bytes_sent = 0;                 // frames
  // Why nothing more was sent; OK if all went through.
  absl::Status remote_status;
};

// Works on a thread of its own, at low priority, so as to leave the compiler
// alone. Not thread-safe itself.
class Sharer {
 public:
  // `known`: units that are on disk and on the server; one that cargo compiles
  // again all the same is captured like any other. `is_trusted`: units on
  // disk that were built by us, to be captured as they are. Every other unit
  // whose hash file exists now is left alone until cargo rebuilds it: it was
  // built without the remaps that make it the same everywhere. The input's
  // parts must outlive this object.
  Sharer(const SharerInput& input, std::vector<std::optional<KnownUnit>> known,
         const std::vector<bool>& is_trusted);
  // Gives up what is not sent.
  ~Sharer();
  Sharer(const Sharer&) = delete;
  Sharer& operator=(const Sharer&) = delete;

  void Start();
  // Cargo has ended: captures and sends what is left, and returns. With
  // `is_cancelled`, sends no more, and gives up what takes longer than a second.
  ShareResult Finish(bool is_cancelled);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
  std::thread thread_;
};

}  // namespace depcache::client
