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

class AdminCommand final : public Command {
 public:
  std::string_view name() const override { return "admin"; }
  std::string_view summary() const override {
    return "List the server's layers, show one, or evict one";
  }
  std::string_view epilogue() const override {
    return "Actions:\n"
           "  layers      every layer of the scope (DEPCACHE_SCOPE, else main)\n"
           "  show HASH   the parts of a layer's recipe, with values that are no secrets\n"
           "  evict HASH  forget the layers of a recipe; their units stay\n\n"
           "HASH is \"cargo:\" and 64 hex digits. Wants the admin right. Exit code: 0, 1 without\n"
           "that right, 2 for a wrong command line, 3 if there is no such layer, 4 without a\n"
           "server.\n";
  }
  std::vector<Option> options() override {
    return {{"ACTION", &action_, "layers, show or evict"},
            {"HASH", &hash_, "A recipe, for show and evict"},
            {"--json", &json_, "Print one JSON object"}};
  }

  int Run(Context& context) override {
    const bool wants_hash = action_ == "show" || action_ == "evict";
    if (!wants_hash && action_ != "layers") {
      return Refuse(context, "say what: admin layers, admin show HASH, or admin evict HASH");
    }
    if (wants_hash == hash_.empty()) {
      return Refuse(context, wants_hash ? fmt::format("{} what? Name a recipe hash", action_)
                                        : std::string("layers takes no hash"));
    }
    RecipeHash recipe;
    if (wants_hash) {
      const absl::StatusOr<RecipeHash> parsed = ParseRecipeHash(hash_);
      if (!parsed.ok()) return FailToAsk(context, parsed.status());
      recipe = *parsed;
    }
    const auto admin = OpenAdmin(context);
    if (!admin.ok()) return FailToAsk(context, admin.status());
    const absl::Status done = action_ == "layers" ? List(context, **admin)
                              : action_ == "show" ? Show(context, **admin, recipe)
                                                  : Evict(context, **admin, recipe);
    return done.ok() ? static_cast<int>(ExitCode::kOk) : FailToAsk(context, done);
  }

 private:
  static int Refuse(Context& context, const std::string& why) {
    context.terminal.Error(why);
    return static_cast<int>(ExitCode::kUsage);
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

  std::string action_;
  std::string hash_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeAdminCommand() { return std::make_unique<AdminCommand>(); }

}  // namespace depcache::client
