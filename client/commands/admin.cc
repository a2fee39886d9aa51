#include <chrono>

#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "client/commands/ask_server.h"
#include "client/commands/commands.h"

namespace depcache::client {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// "2026-11-22 08:30 UTC".
std::string DateOf(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

Json ToJson(const LayerSummary& layer) {
  return {{"recipe", layer.recipe},
          {"variant", layer.variant},
          {"units", layer.unit_count},
          {"bytes", layer.plain_bytes},
          {"compile_seconds", static_cast<double>(layer.compile_ms) / 1000.0},
          {"principal", layer.principal},
          {"created", layer.created}};
}

std::string ToText(const LayerSummary& layer) {
  return fmt::format("{}  {}  {} units  {}  by {}\n", layer.recipe, DateOf(layer.created),
                     layer.unit_count, FormatBytes(layer.plain_bytes), layer.principal);
}

std::string_view StateName(PartState state) {
  switch (state) {
    case PartState::kShown:
      return "shown";
    case PartState::kHidden:
      return "hidden";
    case PartState::kLost:
      return "lost";
    case PartState::kLeftOut:
      return "left out";
  }
  return "lost";
}

std::string ToText(const StoredPart& part) {
  if (part.state != PartState::kShown) {
    return fmt::format("\n{} {}\n    ({})\n", part.digest.ToShortHex(), part.name,
                       StateName(part.state));
  }
  std::string text = fmt::format("\n{} {}\n", part.digest.ToShortHex(), part.name);
  std::string_view value = Trim(part.value);
  for (const std::string& line : Split(value, '\n')) text += fmt::format("    {}\n", line);
  return text;
}

Json ToJson(const StoredPart& part) {
  Json json = {{"sha256", part.digest.ToHex()}, {"state", StateName(part.state)}};
  if (part.state == PartState::kShown) json["value"] = part.value;
  return json;
}

std::string_view NameOf(ReportReason reason) {
  switch (reason) {
    case ReportReason::kStale:
      return "stale";
    case ReportReason::kUnusable:
      return "unusable";
    case ReportReason::kDiffers:
      return "differs";
  }
  return "for another reason";  // of a newer server
}

Json ToJson(const SuspendedUnit& unit) {
  Json json = {{"unit", unit.unit.key.ToHex()},
               {"output", unit.unit.output.ToHex()},
               {"package", unit.package},
               {"principal", unit.principal},
               {"reports", Json::array()}};
  for (const HeardReport& report : unit.reports) {
    json["reports"].push_back({{"principal", report.principal},
                               {"reason", NameOf(report.reason)},
                               {"text", report.text},
                               {"created", report.created}});
  }
  return json;
}

std::string ToText(const SuspendedUnit& unit) {
  std::string text =
      fmt::format("{}  {}, {}\n", unit.unit.key.ToHex(),
                  unit.package.empty() ? "its record was evicted" : unit.package,
                  unit.principal.empty() ? "by somebody" : "by " + unit.principal);
  for (const HeardReport& report : unit.reports) {
    text += fmt::format("    {}  {} by {}: {}\n", DateOf(report.created), NameOf(report.reason),
                        report.principal, Trim(report.text));
  }
  return text;
}

class AdminCommand final : public Command {
 public:
  std::string_view name() const override { return "admin"; }
  std::string_view summary() const override {
    return "List the server's layers or suspended units, show, evict or serve one";
  }
  std::string_view epilogue() const override {
    return "Actions:\n"
           "  layers      every layer of the scope (DEPCACHE_SCOPE, else main)\n"
           "  show HASH   the parts of a layer's recipe, with values that are no secrets\n"
           "  evict HASH  forget the layers of a recipe; their units stay\n"
           "  suspended   units that are not served for what was reported of them\n"
           "  serve UNIT  serve a suspended unit again\n\n"
           "HASH is \"cargo:\" and 64 hex digits, UNIT the 64 digits that `suspended` prints. Wants the admin right. Exit code: 0, 1 without\n"
           "that right, 2 for a wrong command line, 3 if there is no such layer, 4 without a\n"
           "server.\n";
  }
  std::vector<Option> options() override {
    return {{"ACTION", &action_, "layers, show, evict, suspended or serve"},
            {"HASH", &hash_, "A recipe, for show and evict; a unit, for serve"},
            {"--json", &json_, "Print one JSON object"}};
  }

  int Run(Context& context) override {
    const bool wants_recipe = action_ == "show" || action_ == "evict";
    const bool wants_hash = wants_recipe || action_ == "serve";
    if (!wants_hash && action_ != "layers" && action_ != "suspended") {
      return Refuse(context,
                    "say what: admin layers, admin show HASH, admin evict HASH, admin suspended, or "
                    "admin serve UNIT");
    }
    if (wants_hash == hash_.empty()) {
      return Refuse(context, wants_hash ? fmt::format("{} what? Name a {}", action_,
                                                      wants_recipe ? "recipe hash" : "unit")
                                        : fmt::format("{} takes no hash", action_));
    }
    const absl::Status done = Do(context, wants_recipe);
    return done.ok() ? static_cast<int>(ExitCode::kOk) : FailToAsk(context, done);
  }

 private:
  static int Refuse(Context& context, const std::string& why) {
    context.terminal.Error(why);
    return static_cast<int>(ExitCode::kUsage);
  }

  absl::Status Do(Context& context, bool wants_recipe) const {
    RecipeHash recipe;
    UnitKey unit;
    if (wants_recipe) {
      DEPCACHE_ASSIGN_OR_RETURN(recipe, ParseRecipeHash(hash_));
    } else if (!hash_.empty()) {
      DEPCACHE_ASSIGN_OR_RETURN(unit, UnitKey::FromHex(hash_));
    }
    DEPCACHE_ASSIGN_OR_RETURN(const auto admin, OpenAdmin(context));
    if (action_ == "layers") return List(context, *admin);
    if (action_ == "show") return Show(context, *admin, recipe);
    if (action_ == "evict") return Evict(context, *admin, recipe);
    if (action_ == "suspended") return ListSuspended(context, *admin);
    return Serve(context, *admin, unit);
  }

  absl::Status List(Context& context, RemoteAdmin& admin) const {
    Json json = {{"layers", Json::array()}};
    std::string next;
    do {
      DEPCACHE_ASSIGN_OR_RETURN(LayerPage page, admin.ListLayers(next));
      for (const LayerSummary& layer : page.layers) {
        if (json_) {
          json["layers"].push_back(ToJson(layer));
        } else {
          context.terminal.Print(ToText(layer));
        }
      }
      // A page that leads back would never end.
      if (!page.next.empty() && page.next == next) return Unavailable("the list has no end");
      next = std::move(page.next);
    } while (!next.empty());
    if (json_) context.terminal.Print(Dump(json));
    return absl::OkStatus();
  }

  absl::Status Show(Context& context, RemoteAdmin& admin, const RecipeHash& recipe) const {
    DEPCACHE_ASSIGN_OR_RETURN(const LayerDetails details, admin.ShowLayer(recipe));
    if (json_) {
      Json json = {{"variants", Json::array()}, {"parts", Json::object()}};
      for (const LayerSummary& layer : details.variants) json["variants"].push_back(ToJson(layer));
      for (const StoredPart& part : details.parts) json["parts"][part.name] = ToJson(part);
      context.terminal.Print(Dump(json));
      return absl::OkStatus();
    }
    for (const LayerSummary& layer : details.variants) context.terminal.Print(ToText(layer));
    for (const StoredPart& part : details.parts) context.terminal.Print(ToText(part));
    return absl::OkStatus();
  }

  absl::Status Evict(Context& context, RemoteAdmin& admin, const RecipeHash& recipe) const {
    DEPCACHE_ASSIGN_OR_RETURN(const std::uint32_t evicted, admin.EvictLayer(recipe));
    if (evicted == 0) return NotFound("there is no layer of {} in this scope", hash_);
    context.terminal.Print(json_ ? Dump({{"evicted", evicted}})
                                 : fmt::format("{} layers of {} evicted\n", evicted, hash_));
    return absl::OkStatus();
  }

  absl::Status ListSuspended(Context& context, RemoteAdmin& admin) const {
    DEPCACHE_ASSIGN_OR_RETURN(const SuspendedList list, admin.ListSuspended());
    Json json = {{"units", Json::array()}, {"is_cut", list.is_cut}};
    for (const SuspendedUnit& unit : list.units) {
      if (json_) {
        json["units"].push_back(ToJson(unit));
      } else {
        context.terminal.Print(ToText(unit));
      }
    }
    if (json_) {
      context.terminal.Print(Dump(json));
    } else if (list.is_cut) {
      context.terminal.Print("There are more.\n");
    }
    return absl::OkStatus();
  }

  absl::Status Serve(Context& context, RemoteAdmin& admin, const UnitKey& unit) const {
    DEPCACHE_ASSIGN_OR_RETURN(const std::uint32_t served, admin.ServeUnit(unit));
    if (served == 0) return NotFound("unit {} is not suspended in this scope", hash_);
    context.terminal.Print(json_ ? Dump({{"served", served}})
                                 : fmt::format("{} outputs of {} are served again\n", served, hash_));
    return absl::OkStatus();
  }

  std::string action_;
  std::string hash_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeAdminCommand() { return std::make_unique<AdminCommand>(); }

}  // namespace depcache::client
