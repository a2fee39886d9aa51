#include "client/cook/explain_units.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cache/base/status.h"
#include "cache/layer/unit_key.h"
#include "client/capture/declared_inputs.h"
#include "client/cook/layer_download.h"
#include "client/cook/plan_flow.h"

namespace depcache::client {
namespace {

class Questions {
 public:
  explicit Questions(const CookInput& input)
      : input_(input), roots_(input.folders.CommonRoots()) {}

  // A value that cannot be said is one nobody else has.
  std::optional<PartDigest> ValueOf(PredicateKind kind, const std::string& name) const {
    return ValueHere(kind, name, roots_, LookupIn(input_.variables)).value_or(PartDigest());
  }

  std::size_t FailingOf(const LayerVariant& variant) const {
    return static_cast<std::size_t>(
        std::count_if(variant.predicates.begin(), variant.predicates.end(), [&](const Predicate& p) {
          return ValueOf(p.kind, p.name) != p.value;
        }));
  }

 private:
  const CookInput& input_;
  const RootMap roots_;
};

absl::StatusOr<std::vector<bool>> MissingFromServer(const CookInput& input, RemoteCache& remote,
                                                    const UnitPlan& plan,
                                                    const Questions& questions) {
  DEPCACHE_ASSIGN_OR_RETURN(
      const ResolveAnswer answer,
      remote.ResolveUnits(QuestionsOf(plan, input.recipe, input.lock, input.folders),
                          [&](PredicateKind kind, const std::string& name) {
                            return questions.ValueOf(kind, name);
                          }));
  std::vector<bool> is_missing(plan.units.size());
  for (std::size_t i = 0; i < is_missing.size(); ++i) is_missing[i] = plan.units[i].is_eligible;
  for (const ResolvedUnit& unit : answer.units) is_missing[unit.position] = false;
  return is_missing;
}

// As the server resolves a plan, if it had these units alone.
std::vector<bool> MissingFromLayer(const CookInput& input, const std::vector<UnitRecord>& records,
                                   const UnitPlan& plan, const Questions& questions) {
  std::multimap<UnitKey, const UnitRecord*> by_key;
  for (const UnitRecord& record : records) {
    const bool holds = std::all_of(
        record.predicates.begin(), record.predicates.end(),
        [&](const Predicate& p) { return questions.ValueOf(p.kind, p.name) == p.value; });
    if (holds) by_key.emplace(record.key, &record);
  }
  const std::vector<UnitQuestion> asked =
      QuestionsOf(plan, input.recipe, input.lock, input.folders);
  std::vector<std::optional<UnitRef>> found(plan.units.size());
  std::vector<bool> is_missing(plan.units.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    is_missing[i] = plan.units[i].is_eligible;
    if (!asked[i].inputs) continue;
    std::vector<UnitRef> deps;
    for (const GraphDep& dep : plan.units[i].deps) {
      if (found[dep.unit]) deps.push_back(*found[dep.unit]);
    }
    if (deps.size() < plan.units[i].deps.size()) continue;
    const auto record = by_key.find(UnitKeyOf(*asked[i].inputs, std::move(deps)));
    if (record == by_key.end()) continue;
    found[i] = UnitRef{record->first, OutputOf(*record->second)};
    is_missing[i] = false;
  }
  return is_missing;
}

std::uint32_t Count(const std::vector<bool>& flags) {
  return static_cast<std::uint32_t>(std::count(flags.begin(), flags.end(), true));
}

}  // namespace

absl::StatusOr<UnitExplanation> ExplainUnits(Context& context, const CookInput& input,
                                             const RecipeHash& against,
                                             const std::vector<PartChange>& changes,
                                             MissingFrom from) {
  DEPCACHE_ASSIGN_OR_RETURN(const auto remote, context.open_remote(context.config));
  DEPCACHE_ASSIGN_OR_RETURN(const LayerAnswer answer, remote->GetLayer(against));
  const Questions questions(input);
  const auto nearest = std::min_element(answer.variants.begin(), answer.variants.end(),
                                        [&](const LayerVariant& a, const LayerVariant& b) {
                                          return questions.FailingOf(a) < questions.FailingOf(b);
                                        });
  if (nearest == answer.variants.end()) return NotFound("the layer has gone");
  UnitExplanation explanation;
  if (changes.empty() && questions.FailingOf(*nearest) == 0) {
    explanation.planned = nearest->unit_count;
    explanation.missing = 0;
    return explanation;
  }
  DEPCACHE_ASSIGN_OR_RETURN(const auto blobs, remote->OpenBlobs(answer.ticket));
  DEPCACHE_ASSIGN_OR_RETURN(const LayerDownload layer, DownloadLayer(*nearest, *blobs));
  const PredicateValueHere value_here = [&](const Predicate& predicate) {
    return questions.ValueOf(predicate.kind, predicate.name);
  };
  CookSummary timing;
  const absl::StatusOr<UnitPlan> plan = MakePlan(context, input, timing);
  if (!plan.ok()) {
    explanation.causes = CausesOf(layer.records, value_here);
    return explanation;
  }
  std::vector<bool> is_missing;
  if (from == MissingFrom::kLayer) {
    is_missing = MissingFromLayer(input, layer.records, *plan, questions);
  } else {
    DEPCACHE_ASSIGN_OR_RETURN(is_missing, MissingFromServer(input, *remote, *plan, questions));
  }
  std::vector<std::string> parts;
  for (const PartChange& change : changes) parts.push_back(change.name);
  explanation.causes = CausesOf({*plan, is_missing, layer.records, parts, value_here});
  explanation.missing = Count(is_missing);
  explanation.planned = static_cast<std::uint32_t>(
      std::count_if(plan->units.begin(), plan->units.end(),
                    [](const PlannedUnit& unit) { return unit.is_eligible; }));
  return explanation;
}

}  // namespace depcache::client
