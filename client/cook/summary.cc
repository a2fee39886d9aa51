#include "client/cook/summary.h"

#include <algorithm>
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

constexpr std::size_t kMaxAccusedLines = 5;

std::string_view NameOf(ReportReason reason) {
  switch (reason) {
    case ReportReason::kStale: return "stale";
    case ReportReason::kUnusable: return "unusable";
    case ReportReason::kDiffers: return "differs";
  }
  return "unknown";
}

std::string LineOf(const AccusedUnit& unit) {
  const std::string name = fmt::format("{} {}", unit.package, unit.version);
  const std::string_view reported = unit.is_reported ? " (reported to the server)" : "";
  if (unit.reason == ReportReason::kStale) {
    return fmt::format("cargo compiled {} again, which was restored: {}{}", name, unit.text,
                       reported);
  }
  if (unit.reason == ReportReason::kDiffers) {
    return fmt::format("{} is not what its sources compile to{}", name, reported);
  }
  return fmt::format("{} was there and could not be used, so it was compiled again: {}{}", name,
                     unit.text, reported);
}

void AddVerified(const VerifiedUnits& verified, nlohmann::ordered_json& json) {
  nlohmann::ordered_json differences = nlohmann::ordered_json::array();
  for (const VerifiedDifference& difference : verified.differences) {
    differences.push_back({{"package", difference.package},
                           {"version", difference.version},
                           {"reproducible", difference.is_reproducible},
                           {"stands_on_different", difference.stands_on_different},
                           {"places", difference.places}});
  }
  json["verified"] = {{"compiled", verified.compiled},
                      {"same", verified.same},
                      {"debug_only", verified.debug_only},
                      {"not_compared", verified.not_compared},
                      {"differences", differences}};
}

void AddVerified(const VerifiedUnits& verified, std::vector<std::string>& lines) {
  lines.push_back(fmt::format(
      "verified: {} units compiled again, {} the same, {} but for debug information, {} not "
      "compared, {} differ",
      verified.compiled, verified.same, verified.debug_only, verified.not_compared,
      verified.differences.size()));
  for (const VerifiedDifference& difference : verified.differences) {
    const std::string_view why = difference.stands_on_different ? "; it stands on another"
                                 : difference.is_reproducible
                                     ? ""
                                     : "; it comes out different each time";
    lines.push_back(fmt::format("{} {} differs in {}{}", difference.package, difference.version,
                                fmt::join(difference.places, ", "), why));
  }
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
  json["left_to_cargo"] = nlohmann::ordered_json::array();
  for (const auto& [hash_file, unit] : summary.left_to_cargo) {
    json["left_to_cargo"].push_back({{"package", unit.package}, {"version", unit.version}});
  }
  json["accused"] = nlohmann::ordered_json::array();
  for (const AccusedUnit& unit : summary.accused) {
    json["accused"].push_back({{"package", unit.package},
                               {"version", unit.version},
                               {"reason", NameOf(unit.reason)},
                               {"text", unit.text},
                               {"same_output", unit.has_same_output},
                               {"reported", unit.is_reported}});
  }
  if (summary.verified.compiled > 0) AddVerified(summary.verified, json);
  json["layer_recorded"] = summary.layer_recorded;
  json["bytes"] = {{"received", summary.bytes_received},
                   {"sent", summary.bytes_sent},
                   {"written", summary.bytes_written},
                   {"copied", summary.bytes_copied}};
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
  if (summary.bytes_copied > 0)
    bytes += fmt::format(", {} copied from other checkouts", FormatBytes(summary.bytes_copied));
  if (summary.bytes_received > 0)
    bytes += fmt::format(", {} received", FormatBytes(summary.bytes_received));
  if (summary.bytes_sent > 0) bytes += fmt::format(", {} sent", FormatBytes(summary.bytes_sent));
  lines.push_back(fmt::format("{} {}: {}{}{}", summary.result, ShortRecipe(summary.recipe),
                              fmt::join(parts, ", "), bytes, took));
  if (!summary.left_to_cargo.empty()) {
    lines.push_back(fmt::format(
        "{} units were left to cargo: it compiles them faster than they come at {}/s",
        summary.left_to_cargo.size(),
        FormatBytes(static_cast<std::uint64_t>(summary.restore_rate.value_or(0)))));
  }
  if (!summary.skipped.empty()) {
    lines.push_back(fmt::format("{} units are not shared; --json lists them with their reasons",
                                summary.skipped.size()));
  }
  for (std::size_t i = 0; i < std::min(summary.accused.size(), kMaxAccusedLines); ++i) {
    lines.push_back(LineOf(summary.accused[i]));
  }
  if (summary.accused.size() > kMaxAccusedLines) {
    lines.push_back(fmt::format("and {} more; --json lists them",
                                summary.accused.size() - kMaxAccusedLines));
  }
  if (summary.verified.compiled > 0) AddVerified(summary.verified, lines);
  return lines;
}

}  // namespace depcache::client
