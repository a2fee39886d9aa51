#include "client/cook/explain_units.h"

#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "client/commands/ask_server.h"
#include "client/commands/commands.h"
#include "client/cook/cook_input.h"
#include "client/cook/last_recipe.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNearest = "nearest";

struct Answer {
  Recipe recipe;                   // what is explained
  std::optional<LastRecipe> last;  // of this build directory
  Explanation theirs;
  std::vector<PartChange> changes;
  // What of a build now is missing, and why; of --last what was.
  std::optional<UnitExplanation> units;
  std::string units_error;
  bool is_last = false;

  bool IsEqual() const { return changes.empty() && !(units && !units->causes.empty()); }
  // The last cook here was of this very recipe, so its counts are those that
  // the differences cost.
  bool HasCost() const { return last && last->recipe == recipe; }
};

Json ValueJson(const std::optional<PartDigest>& digest, const std::optional<std::string>& value) {
  if (!digest) return nullptr;
  Json json = {{"sha256", digest->ToHex()}};
  json["value"] = value ? Json(*value) : Json(nullptr);
  return json;
}

Json ValueJson(const std::optional<std::string>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json CountJson(const std::optional<std::uint32_t>& count) {
  return count ? Json(*count) : Json(nullptr);
}

void AddUnits(const Answer& answer, Json& json) {
  json["planned_units"] = answer.units ? CountJson(answer.units->planned) : Json(nullptr);
  json["missing_units"] = answer.units ? CountJson(answer.units->missing) : Json(nullptr);
  json["causes"] = nullptr;
  if (!answer.units) return;
  json["causes"] = Json::array();
  for (const UnitCause& cause : answer.units->causes) {
    json["causes"].push_back({{"kind", NameOf(cause.kind)},
                              {"input", cause.input},
                              {"theirs", ValueJson(cause.theirs)},
                              {"ours", ValueJson(cause.ours)},
                              {"packages", cause.packages},
                              {"units", cause.units > 0 ? Json(cause.units) : Json(nullptr)}});
  }
}

std::string ToJson(const Answer& answer) {
  Json json;
  json["recipe"] = RecipeHashText(answer.recipe.Hash());
  json["against"] = RecipeHashText(answer.theirs.recipe);
  json["result"] = answer.IsEqual() ? "equal" : "different";
  json["against_units"] = answer.theirs.unit_count;
  json["against_principal"] = answer.theirs.principal;
  json["against_created"] = answer.theirs.created;
  json["layers_compared"] = answer.theirs.layers_compared;
  json["compared_all"] = answer.theirs.compared_all;
  json["parts"] = Json::array();
  for (const PartChange& change : answer.changes) {
    json["parts"].push_back({{"name", change.name},
                             {"from", change.from},
                             {"theirs", ValueJson(change.theirs_digest, change.theirs)},
                             {"ours", ValueJson(change.ours_digest, change.ours)},
                             {"lines", change.lines}});
  }
  json["units"] = nullptr;
  if (answer.HasCost()) {
    const CookSummary& summary = answer.last->summary;
    json["units"] = {{"planned", summary.units_planned},
                     {"restored", summary.units_restored},
                     {"present", summary.units_present},
                     {"built", summary.units_built}};
  }
  AddUnits(answer, json);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// What misses now, if that could be found out.
std::string UnitsText(const Answer& answer) {
  if (!answer.units) {
    if (answer.units_error.empty()) return "";
    return fmt::format("Which units miss is not known: {}.\n", answer.units_error);
  }
  std::string text;
  if (answer.units->planned && answer.units->missing) {
    text = fmt::format("Of {} units {} lacks {}:\n", *answer.units->planned,
                       answer.is_last ? "that layer" : "the server", *answer.units->missing);
  } else {
    text = "How many units miss for each is not known.\n";
  }
  for (const UnitCause& cause : answer.units->causes) {
    text += fmt::format("  {}\n", ToText(cause));
  }
  return text;
}

std::string CostText(const Answer& answer) {
  if (answer.units && answer.units->missing && !answer.HasCost()) return "";
  if (!answer.HasCost() || answer.last->summary.units_planned == 0) {
    return "How many units that costs is not known before a cook.\n";
  }
  const CookSummary& summary = answer.last->summary;
  return fmt::format(
      "The last cook here was a {}: of {} units {} were compiled, {} restored, {} "
      "were there.\n",
      summary.result, summary.units_planned, summary.units_built, summary.units_restored,
      summary.units_present);
}

std::string ToText(const Answer& answer, const std::string& unit) {
  const std::string theirs = answer.theirs.recipe.ToShortHex();
  if (answer.IsEqual()) {
    return fmt::format("{}: the server has a layer of this recipe{}\n",
                       answer.recipe.Hash().ToShortHex(),
                       answer.units ? "; cook restores it"
                                    : "; cook restores it if its predicates hold here");
  }
  if (answer.changes.empty()) {
    return fmt::format("{}: the server has a layer of this recipe, built with other inputs:\n",
                       answer.recipe.Hash().ToShortHex()) +
           UnitsText(answer);
  }
  std::string text =
      fmt::format("{} differs in {} parts from the {} layer {} ({} units, by {}):\n",
                  answer.recipe.Hash().ToShortHex(), answer.changes.size(),
                  answer.theirs.compared_all ? "nearest" : "nearest of those looked at", theirs,
                  answer.theirs.unit_count, answer.theirs.principal);
  for (const PartChange& change : answer.changes) {
    for (const std::string& line : change.lines) text += fmt::format("  {}\n", line);
    text += fmt::format("    from {}\n", change.from);
  }
  if (!unit.empty() && answer.last) {
    for (const SkippedUnit& skipped : answer.last->summary.skipped) {
      if (skipped.package != unit) continue;
      text += fmt::format("The last cook did not share {} {}: {}\n", skipped.package,
                          skipped.version, skipped.reason);
    }
  }
  return text + UnitsText(answer) + CostText(answer);
}

class ExplainCommand final : public Command {
 public:
  std::string_view name() const override { return "explain"; }
  std::string_view summary() const override {
    return "Say in which inputs this recipe differs from the nearest layer of the server";
  }
  std::string_view epilogue() const override {
    return "Takes cook's flags: they are part of the recipe. Values that may be secrets are\n"
           "compared by digest and never shown. Exit code: 0, 2 for a wrong command line, 3 if\n"
           "there is nothing to compare with, 4 without a server.\n\n"
           "Examples:\n"
           "  depcache-client explain --release\n"
           "  depcache-client explain --last --release\n";
  }
  std::vector<Option> options() override {
    std::vector<Option> options = CargoOptions(flags_);
    options.push_back(
        {"--against", &against_, "A recipe hash to compare with, or `nearest`, the default"});
    options.push_back(
        {"--unit", &unit_, "Of lock and packages, tell only what is about this package"});
    options.push_back(
        {"--last", &last_,
         "Explain the last cook in this build directory; with its flags, down to the units"});
    options.push_back({"--json", &json_, "Print one JSON object"});
    return options;
  }

  int Run(Context& context) override {
    const absl::StatusOr<Answer> answer = Explain(context);
    if (!answer.ok()) return FailToAsk(context, answer.status());
    context.terminal.Print(json_ ? ToJson(*answer) : ToText(*answer, unit_));
    return static_cast<int>(ExitCode::kOk);
  }

 private:
  absl::StatusOr<Answer> Explain(Context& context) {
    DEPCACHE_RETURN_IF_ERROR(CheckFlags(flags_));
    std::optional<RecipeHash> against;
    if (!against_.empty() && against_ != kNearest) {
      DEPCACHE_ASSIGN_OR_RETURN(against, ParseRecipeHash(against_));
    }
    DEPCACHE_ASSIGN_OR_RETURN(const auto admin, OpenAdmin(context));
    Answer answer;
    DEPCACHE_ASSIGN_OR_RETURN(CookInput input, LoadRecipe(context, answer));
    // The plan is made of what is here: a question downloads nothing.
    input.flags.offline = true;
    // A miss that was compiled left a layer: of the last cook it would be the nearest.
    std::optional<RecipeHash> except;
    if (last_) except = answer.recipe.Hash();
    if (last_ && !answer.last->summary.other_input.empty()) return ExplainOtherInput(*admin, answer);
    DEPCACHE_ASSIGN_OR_RETURN(answer.theirs,
                              admin->Explain(answer.recipe.Trace(), against, except));
    answer.changes = ChangesOf(answer.recipe, answer.theirs.parts,
                               last_ ? Environment() : context.environment, unit_);
    if (input.recipe != answer.recipe) {
      answer.units_error = "what is here is not what was cooked; give the flags of that cook";
      return answer;
    }
    absl::StatusOr<UnitExplanation> units =
        ExplainUnits(context, input, answer.theirs.recipe, answer.changes,
                     last_ ? MissingFrom::kLayer : MissingFrom::kServer);
    if (units.ok()) {
      answer.units = *std::move(units);
    } else {
      answer.units_error = MessageOf(units.status());
    }
    return answer;
  }

  // The last cook found layers of its own recipe, built with another value of
  // one variable or file: that is all there is to say, whatever is here now.
  static absl::StatusOr<Answer> ExplainOtherInput(RemoteAdmin& admin, Answer& answer) {
    DEPCACHE_ASSIGN_OR_RETURN(answer.theirs, admin.Explain(answer.recipe.Trace(),
                                                           answer.recipe.Hash(), std::nullopt));
    UnitCause cause;
    cause.input = answer.last->summary.other_input;
    cause.kind = cause.input.starts_with('/') ? CauseKind::kFile : CauseKind::kVariable;
    answer.units.emplace().causes.push_back(std::move(cause));
    return std::move(answer);
  }

  absl::StatusOr<CookInput> LoadRecipe(Context& context, Answer& answer) const {
    DEPCACHE_ASSIGN_OR_RETURN(CookInput input, LoadCookInput(context, flags_));
    absl::StatusOr<LastRecipe> last = ReadLastRecipe(input.folders.build_dir);
    if (last_ && !last.ok()) return last.status();
    if (last.ok()) answer.last = *std::move(last);
    answer.recipe = last_ ? answer.last->recipe : input.recipe;
    answer.is_last = last_;
    return input;
  }

  CargoFlags flags_;
  std::string against_;
  std::string unit_;
  bool last_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeExplainCommand() { return std::make_unique<ExplainCommand>(); }

}  // namespace depcache::client
