// Which units of a plan exist. Keys chain through the outputs of dependencies,
// so the answer grows bottom-up; where an entry was built under declared
// variables or files, the caller is asked for its own values first.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/engine/layer_cache.h"
#include "cache/layer/predicate.h"
#include "cache/layer/unit_record.h"

namespace depcache {

// A unit of the caller's plan.
struct PlanUnit {
  // nullopt: never shared; neither is what stands on it.
  std::optional<UnitInputs> inputs;
  std::vector<std::uint32_t> deps;  // positions, all smaller than its own
};

struct ResolvedUnit {
  std::uint32_t position = 0;  // in the plan
  UnitRef ref;
  Digest record;
};

// One call's worth of state. Not thread-safe.
class UnitResolver {
 public:
  // Errors: INVALID_ARGUMENT (a unit names a dependency that is not before it).
  static absl::StatusOr<UnitResolver> Make(LayerCache& cache, const CallScope& scope,
                                           std::vector<PlanUnit> plan);

  // Goes as far as the known values allow. What it returns has to be answered
  // before it can go on; nothing: it is done.
  absl::StatusOr<std::vector<Predicate>> Advance();

  // The values, here, of what Advance returned, in order.
  // Errors: INVALID_ARGUMENT (another number of values).
  absl::Status Answer(std::span<const std::optional<PartDigest>> values);

  // In the order of the plan; whole when Advance returned nothing.
  std::vector<ResolvedUnit> Resolved() const;
  // Lets the caller read all of them for a while.
  std::string GiveTicket() { return finder_->GiveTicket(); }

 private:
  using Question = std::pair<PredicateKind, std::string>;
  enum class State { kWaiting, kFound, kAbsent };
  struct Unit {
    PlanUnit plan;
    State state = State::kWaiting;
    UnitRef ref;
    Digest record;
    bool was_looked_up = false;
    std::vector<UnitEntry> candidates;
  };

  UnitResolver(std::unique_ptr<UnitFinder> finder, std::vector<Unit> units)
      : finder_(std::move(finder)), units_(std::move(units)) {}

  // Positions whose dependencies are found and which are still waiting; those
  // that stand on an absent one become absent.
  std::vector<std::size_t> Ready();
  absl::Status LookUp(std::span<const std::size_t> ready);
  // True if the unit's state was settled.
  bool Choose(Unit& unit, std::vector<Question>& unanswered) const;

  std::unique_ptr<UnitFinder> finder_;
  std::vector<Unit> units_;
  std::map<Question, std::optional<PartDigest>> values_;
  std::vector<Question> asked_;
};

}  // namespace depcache
