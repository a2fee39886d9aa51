#include "cache/engine/unit_resolver.h"

#include <algorithm>
#include <set>

#include "cache/base/status.h"
#include "cache/layer/unit_key.h"

namespace depcache {

absl::StatusOr<UnitResolver> UnitResolver::Make(LayerCache& cache, const CallScope& scope,
                                                std::vector<PlanUnit> plan) {
  std::vector<Unit> units;
  units.reserve(plan.size());
  for (PlanUnit& planned : plan) {
    for (const std::uint32_t dep : planned.deps) {
      if (dep >= units.size()) {
        return InvalidArgument("unit {} of the plan stands on unit {}, which is not before it",
                               units.size(), dep);
      }
    }
    Unit unit;
    if (!planned.inputs) unit.state = State::kAbsent;
    unit.plan = std::move(planned);
    units.push_back(std::move(unit));
  }
  return UnitResolver(cache.OpenUnits(scope), std::move(units));
}

std::vector<std::size_t> UnitResolver::Ready() {
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    if (unit.state != State::kWaiting) continue;
    bool is_ready = true;
    for (const std::uint32_t dep : unit.plan.deps) {
      is_ready = is_ready && units_[dep].state == State::kFound;
      if (units_[dep].state == State::kAbsent) unit.state = State::kAbsent;
    }
    if (is_ready && unit.state == State::kWaiting) ready.push_back(i);
  }
  return ready;
}

absl::Status UnitResolver::LookUp(std::span<const std::size_t> ready) {
  std::vector<UnitKey> keys;
  std::vector<std::size_t> positions;
  for (const std::size_t i : ready) {
    Unit& unit = units_[i];
    if (unit.was_looked_up) continue;
    std::vector<UnitRef> deps;
    for (const std::uint32_t dep : unit.plan.deps) deps.push_back(units_[dep].ref);
    keys.push_back(UnitKeyOf(*unit.plan.inputs, std::move(deps)));
    positions.push_back(i);
  }
  if (keys.empty()) return absl::OkStatus();
  DEPCACHE_ASSIGN_OR_RETURN(auto found, finder_->Find(keys));
  for (std::size_t i = 0; i < positions.size(); ++i) {
    units_[positions[i]].was_looked_up = true;
    units_[positions[i]].candidates = std::move(found[i]);
  }
  return absl::OkStatus();
}

bool UnitResolver::Choose(Unit& unit, std::vector<Question>& unanswered) const {
  bool is_open = false;
  for (const UnitEntry& entry : unit.candidates) {
    bool holds = true;
    bool is_known = true;
    for (const Predicate& predicate : entry.predicates) {
      const auto value = values_.find({predicate.kind, predicate.name});
      if (value == values_.end()) {
        unanswered.emplace_back(predicate.kind, predicate.name);
        is_known = false;
      } else if (value->second != predicate.value) {
        holds = false;
      }
    }
    if (holds && is_known) {
      unit.state = State::kFound;
      unit.ref = entry.ref;
      unit.record = entry.record;
      return true;
    }
    is_open = is_open || (holds && !is_known);
  }
  if (!is_open) unit.state = State::kAbsent;
  return !is_open;
}

absl::StatusOr<std::vector<Predicate>> UnitResolver::Advance() {
  while (true) {
    const std::vector<std::size_t> ready = Ready();
    DEPCACHE_RETURN_IF_ERROR(LookUp(ready));
    bool has_moved = false;
    std::vector<Question> unanswered;
    for (const std::size_t i : ready) has_moved = Choose(units_[i], unanswered) || has_moved;
    if (has_moved) continue;
    const std::set<Question> once(unanswered.begin(), unanswered.end());
    asked_.assign(once.begin(), once.end());
    std::vector<Predicate> questions;
    for (const auto& [kind, name] : asked_)
      questions.push_back(Predicate{kind, name, std::nullopt});
    return questions;
  }
}

absl::Status UnitResolver::Answer(std::span<const std::optional<PartDigest>> values) {
  if (values.size() != asked_.size()) {
    return InvalidArgument("{} values for {} questions", values.size(), asked_.size());
  }
  for (std::size_t i = 0; i < values.size(); ++i) values_[asked_[i]] = values[i];
  asked_.clear();
  return absl::OkStatus();
}

std::vector<ResolvedUnit> UnitResolver::Resolved() const {
  std::vector<ResolvedUnit> resolved;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Unit& unit = units_[i];
    if (unit.state != State::kFound) continue;
    resolved.push_back(ResolvedUnit{static_cast<std::uint32_t>(i), unit.ref, unit.record});
  }
  return resolved;
}

}  // namespace depcache
