#include <nlohmann/json.hpp>

#include "cache/base/text.h"
#include "client/commands/ask_server.h"
#include "client/commands/commands.h"

namespace depcache::client {
namespace {

std::string Json(const ServerStats& stats) {
  nlohmann::ordered_json json;
  json["server_version"] = stats.server_version;
  json["uptime_seconds"] = stats.uptime_seconds;
  json["hits"] = stats.hits;
  json["partial_hits"] = stats.partial_hits;
  json["misses"] = stats.misses;
  json["bytes_served"] = stats.bytes_served;
  json["bytes_received"] = stats.bytes_received;
  json["compile_seconds_saved"] = stats.compile_seconds_saved;
  json["layers"] = stats.layers;
  json["units"] = stats.units;
  json["disk_bytes"] = stats.disk_bytes;
  json["max_disk_bytes"] = stats.max_disk_bytes;
  json["evictions"] = stats.evictions;
  json["evicted_bytes"] = stats.evicted_bytes;
  json["streams_under_way"] = stats.streams_under_way;
  json["unit_reports"] = stats.unit_reports;
  json["suspended_units"] = stats.suspended_units;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string Seconds(double seconds) {
  return FormatDuration(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::string Text(const ServerStats& stats, const std::string& server) {
  std::string text = fmt::format("{} version {}, up {}\n", server, stats.server_version,
                                 Seconds(static_cast<double>(stats.uptime_seconds)));
  const auto line = [&](std::string_view what, const std::string& value) {
    text += fmt::format("{:<15} {}\n", what, value);
  };
  line("look-ups", fmt::format("{} hits, {} misses, {} of these partial hits", stats.hits,
                               stats.misses, stats.partial_hits));
  line("compiling saved", Seconds(stats.compile_seconds_saved));
  line("served", FormatBytes(stats.bytes_served));
  line("received", FormatBytes(stats.bytes_received));
  line("stored", fmt::format("{} of {}: {} layers, {} units", FormatBytes(stats.disk_bytes),
                             FormatBytes(stats.max_disk_bytes), stats.layers, stats.units));
  line("evicted",
       fmt::format("{} in {} generations", FormatBytes(stats.evicted_bytes), stats.evictions));
  line("reported", fmt::format("{} times a unit, {} units are not served", stats.unit_reports,
                               stats.suspended_units));
  line("under way", fmt::format("{} streams", stats.streams_under_way));
  return text;
}

class StatsCommand final : public Command {
 public:
  std::string_view name() const override { return "stats"; }
  std::string_view summary() const override {
    return "Print what the server did since it started, and what it keeps";
  }
  std::string_view epilogue() const override {
    return "Wants the admin right. Exit code: 0, 1 without that right, 4 without a server.\n";
  }
  std::vector<Option> options() override { return {{"--json", &json_, "Print one JSON object"}}; }

  int Run(Context& context) override {
    const auto admin = OpenAdmin(context);
    if (!admin.ok()) return FailToAsk(context, admin.status());
    const absl::StatusOr<ServerStats> stats = (*admin)->GetStats();
    if (!stats.ok()) return FailToAsk(context, stats.status());
    context.terminal.Print(json_ ? Json(*stats) : Text(*stats, context.config.server));
    return static_cast<int>(ExitCode::kOk);
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeStatsCommand() { return std::make_unique<StatsCommand>(); }

}  // namespace depcache::client
