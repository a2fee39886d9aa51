#include "client/cook/summary.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cache/base/text.h"

namespace depcache::client {
namespace {

constexpr std::size_t kShortHash = 12;

std::string ShortRecipe(const std::string& recipe) {
  const std::size_t colon = recipe.find(':');
  return recipe.substr(colon == std::string::npos ? 0 : colon + 1, kShortHash);
}

double Rounded(double seconds) { return std::round(seconds * 1000) / 1000; }

}  // namespace

std::string ToJson(const CookSummary& summary) {
  nlohmann::ordered_json json;
  json["recipe"] = summary.recipe;
  json["result"] = summary.result;
  json["server"] = summary.server;
  json["server_error"] = summary.server_error;
  json["units"] = {{"planned", summary.units_planned}, {"restored", summary.units_restored},
                   {"present", summary.units_present}, {"built", summary.units_built},
                   {"shared", summary.units_shared},   {"skipped", summary.skipped.size()}};
  json["skipped"] = nlohmann::ordered_json::array();
  for (const SkippedUnit& unit : summary.skipped) {
    json["skipped"].push_back(
        {{"package", unit.package}, {"version", unit.version}, {"reason", unit.reason}});
  }
  json["layer_recorded"] = summary.layer_recorded;
  json["bytes"] = {{"received", summary.bytes_received},
                   {"sent", summary.bytes_sent},
                   {"written", summary.bytes_written}};
  json["crates_restored"] = summary.crates_restored;
  json["seconds"] = nlohmann::ordered_json::object();
  for (const auto& [phase, seconds] : summary.seconds) json["seconds"][phase] = Rounded(seconds);
  json["cargo"] = summary.cargo_verdict;
  json["exit_code"] = summary.exit_code;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::vector<std::string> ForPeople(const CookSummary& summary) {
  std::vector<std::string> lines;
  const auto total = summary.seconds.find("total");
  const std::string took =
      total == summary.seconds.end()
          ? ""
          : fmt::format(" in {}", FormatDuration(std::chrono::milliseconds(
                                      static_cast<std::int64_t>(total->second * 1000))));
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(summary.units_restored, "units restored");
  add(summary.units_present, "already there");
  add(summary.units_built, "built");
  add(summary.units_shared, "shared");
  if (parts.empty()) parts.emplace_back("no dependency units");
  std::string bytes;
  if (summary.bytes_written > 0)
    bytes += fmt::format(", {} written", FormatBytes(summary.bytes_written));
  if (summary.bytes_received > 0)
    bytes += fmt::format(", {} received", FormatBytes(summary.bytes_received));
  if (summary.bytes_sent > 0) bytes += fmt::format(", {} sent", FormatBytes(summary.bytes_sent));
  lines.push_back(fmt::format("{} {}: {}{}{}", summary.result, ShortRecipe(summary.recipe),
                              fmt::join(parts, ", "), bytes, took));
  if (!summary.skipped.empty()) {
    lines.push_back(fmt::format("{} units are not shared; --json lists them with their reasons",
                                summary.skipped.size()));
  }
  return lines;
}

}  // namespace depcache::client
