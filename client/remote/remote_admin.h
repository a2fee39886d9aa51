// What a server tells of itself and of the layers it keeps: for people and
// scripts, never on the path of a cook.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/report_reason.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/recipe.h"

namespace depcache::client {

// Each field as in GetStatsResponse.
struct ServerStats {
  std::string server_version;
  std::uint64_t hits = 0;
  std::uint64_t partial_hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t bytes_served = 0;
  std::uint64_t bytes_received = 0;
  double compile_seconds_saved = 0;
  std::uint64_t layers = 0;
  std::uint64_t units = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t max_disk_bytes = 0;
  std::uint64_t evictions = 0;
  std::uint64_t evicted_bytes = 0;
  std::uint64_t uptime_seconds = 0;
  std::uint32_t streams_under_way = 0;
  std::uint64_t unit_reports = 0;
  std::uint64_t suspended_units = 0;
};

struct LayerSummary {
  std::string recipe;   // "cargo:<64 hex digits>"
  std::string variant;  // 64 hex digits
  std::uint32_t unit_count = 0;
  std::uint64_t plain_bytes = 0;
  std::uint64_t compile_ms = 0;
  std::string principal;
  std::int64_t created = 0;  // seconds since 1970
};

struct LayerPage {
  std::vector<LayerSummary> layers;
  std::string next;  // "" after the last
};

// Whether a part comes with its value.
enum class PartState {
  kShown,
  kHidden,   // it may hold a secret
  kLost,     // the server does not have it any more
  kLeftOut,  // equal to what was sent, or too large
};

struct StoredPart {
  std::string name;
  PartDigest digest;
  PartState state = PartState::kLost;
  std::string value;
};

struct LayerDetails {
  std::vector<LayerSummary> variants;  // at least one
  std::vector<StoredPart> parts;
};

// What one principal said of a unit.
struct HeardReport {
  std::string principal;
  ReportReason reason = ReportReason::kStale;
  std::string text;
  std::int64_t created = 0;  // seconds since 1970
};

// A unit that the server has and does not serve.
struct SuspendedUnit {
  UnitRef unit;
  std::string package;  // "serde 1.0.228"; "" if its record was evicted
  std::string principal;
  std::vector<HeardReport> reports;
};

struct SuspendedList {
  std::vector<SuspendedUnit> units;
  bool is_cut = false;  // there are more
};

struct Explanation {
  RecipeHash recipe;
  std::string principal;
  std::int64_t created = 0;
  std::uint32_t unit_count = 0;
  std::uint64_t compile_ms = 0;
  std::vector<StoredPart> parts;
  std::uint32_t layers_compared = 0;
  bool compared_all = true;
};

// Thread-safe. Errors of every method: UNAVAILABLE, DEADLINE_EXCEEDED,
// UNAUTHENTICATED, PERMISSION_DENIED (all but Explain want the admin right),
// and those listed.
class RemoteAdmin {
 public:
  virtual ~RemoteAdmin() = default;

  virtual absl::StatusOr<ServerStats> GetStats() = 0;
  // `page` is the `next` of the page before, or "".
  virtual absl::StatusOr<LayerPage> ListLayers(const std::string& page) = 0;
  // Errors: NOT_FOUND.
  virtual absl::StatusOr<LayerDetails> ShowLayer(const RecipeHash& recipe) = 0;
  // How many variants there were.
  virtual absl::StatusOr<std::uint32_t> EvictLayer(const RecipeHash& recipe) = 0;
  virtual absl::StatusOr<SuspendedList> ListSuspended() = 0;
  // How many outputs of the key were suspended.
  virtual absl::StatusOr<std::uint32_t> ServeUnit(const UnitKey& key) = 0;

  // The layer of `against`, else the one most like `trace` that is not of
  // recipe `except`. Errors: NOT_FOUND (nothing to compare with).
  virtual absl::StatusOr<Explanation> Explain(const RecipeTrace& trace,
                                              const std::optional<RecipeHash>& against,
                                              const std::optional<RecipeHash>& except) = 0;
};

}  // namespace depcache::client
