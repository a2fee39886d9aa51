#include "cache/cargo/plan_log.h"

#include <cstddef>
#include <utility>

#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::string_view kMarker = ": fingerprint at: ";
constexpr std::string_view kSpan = "prepare_target{";
constexpr std::string_view kPackage = "package_id=";

// "serde v1.0.228", then a space (a source, the next field) or the span's end.
absl::StatusOr<LoggedUnit> ParsePackage(std::string_view line) {
  const std::size_t span = line.find(kSpan);
  const std::size_t field =
      span == std::string_view::npos ? span : line.find(kPackage, span + kSpan.size());
  if (field == std::string_view::npos) return InvalidArgument("no package in '{}'", line);
  const std::string_view id = line.substr(field + kPackage.size());
  const std::size_t space = id.find(" v");
  if (space == std::string_view::npos) return InvalidArgument("no version in '{}'", line);
  const std::string_view version = id.substr(space + 2);
  LoggedUnit unit;
  unit.package = id.substr(0, space);
  unit.version = version.substr(0, version.find_first_of(" }"));
  return unit;
}

absl::StatusOr<LocatedUnit> ParsePath(std::string_view path, std::string_view build_dir) {
  if (!path.starts_with(build_dir) || path.size() <= build_dir.size() ||
      path[build_dir.size()] != '/') {
    return InvalidArgument("'{}' is not below the build directory '{}'", path, build_dir);
  }
  return ParseHashFilePath(path.substr(build_dir.size() + 1));
}

}  // namespace

absl::StatusOr<std::vector<LoggedUnit>> ParsePlanLog(std::string_view log,
                                                     std::string_view build_dir) {
  while (build_dir.ends_with('/')) build_dir.remove_suffix(1);
  std::vector<LoggedUnit> units;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(line.size() == log.size() ? line.size() : line.size() + 1);
    const std::size_t marker = line.find(kMarker);
    if (marker == std::string_view::npos) continue;
    DEPCACHE_ASSIGN_OR_RETURN(LoggedUnit unit, ParsePackage(line.substr(0, marker)));
    DEPCACHE_ASSIGN_OR_RETURN(unit.located,
                              ParsePath(line.substr(marker + kMarker.size()), build_dir));
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace depcache
