#include "cache/cargo/target_layout.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cache/base/check.h"
#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

bool IsScript(const UnitPlace& place) {
  return place.kind == UnitKind::kScriptBuild || place.kind == UnitKind::kScriptRun;
}

std::string HashedStem(const UnitPlace& place) {
  return fmt::format("{}-{}", place.crate_name, place.hash);
}

class ClassicLayout final : public TargetLayout {
 public:
  LayoutKind kind() const override { return LayoutKind::kClassic; }

  std::vector<std::string> OwnFolders(const UnitPlace& place) const override {
    std::vector<std::string> folders = {FingerprintDir(place)};
    if (IsScript(place)) folders.push_back(RunDir(place));
    return folders;
  }

  std::string ScriptLink(const UnitPlace& place) const override {
    // Cargo names the link after the target, which the hash file's name ends
    // in: "build-script-build-script-main" -> "build-script-main".
    constexpr std::string_view kPrefix = "build-script-";
    const std::string_view file = place.fingerprint_file;
    if (place.kind != UnitKind::kScriptBuild || !file.starts_with(kPrefix)) return "";
    return fmt::format("{}/{}", RunDir(place), file.substr(kPrefix.size()));
  }

 private:
  std::string FingerprintDir(const UnitPlace& place) const override {
    return fmt::format("{}/.fingerprint/{}-{}", ProfileRoot(place), place.package, place.hash);
  }
  std::string OutputDir(const UnitPlace& place) const override {
    return IsScript(place) ? RunDir(place) : ProfileRoot(place) + "/deps";
  }
  // A script's compilation and its run have folders of the same form.
  std::string RunDir(const UnitPlace& place) const override {
    return fmt::format("{}/build/{}-{}", ProfileRoot(place), place.package, place.hash);
  }
  std::string_view StdoutName() const override { return "output"; }
  std::string Stem(const UnitPlace& place) const override { return HashedStem(place); }
};

class V2Layout final : public TargetLayout {
 public:
  LayoutKind kind() const override { return LayoutKind::kV2; }

  std::vector<std::string> OwnFolders(const UnitPlace& place) const override {
    return {UnitDir(place)};
  }
  std::string ScriptLink(const UnitPlace&) const override { return ""; }

 private:
  static std::string UnitDir(const UnitPlace& place) {
    return fmt::format("{}/build/{}/{}", ProfileRoot(place), place.package, place.hash);
  }
  std::string FingerprintDir(const UnitPlace& place) const override {
    return UnitDir(place) + "/fingerprint";
  }
  std::string OutputDir(const UnitPlace& place) const override { return UnitDir(place) + "/out"; }
  std::string RunDir(const UnitPlace& place) const override { return UnitDir(place) + "/run"; }
  std::string_view StdoutName() const override { return "stdout"; }
  std::string Stem(const UnitPlace& place) const override {
    const bool is_plain = IsScript(place) || place.kind == UnitKind::kDynamicLib;
    return is_plain ? place.crate_name : HashedStem(place);
  }
};

bool IsSafeName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string_view::npos;
}

bool IsUnitHash(std::string_view text) {
  return text.size() == 16 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

UnitKind KindOfHashFile(std::string_view file) {
  if (file.starts_with("run-build-script-")) return UnitKind::kScriptRun;
  if (file.starts_with("build-script-")) return UnitKind::kScriptBuild;
  return file.starts_with("lib-") ? UnitKind::kLib : UnitKind::kOther;
}

// The place's profile folder from "[<triple>/]<profile>", the first `count`
// components.
std::optional<UnitPlace> ReadProfileRoot(const std::vector<std::string>& components,
                                         std::size_t count) {
  if (count != 1 && count != 2) return std::nullopt;
  UnitPlace place;
  if (count == 2) place.triple = components[0];
  place.profile_dir = components[count - 1];
  return place;
}

// "…/.fingerprint/<package>-<hash>/<file>"
std::optional<UnitPlace> ReadClassic(const std::vector<std::string>& components) {
  const std::size_t count = components.size();
  if (count < 4 || components[count - 3] != ".fingerprint") return std::nullopt;
  const std::string_view folder = components[count - 2];
  const std::size_t dash = folder.rfind('-');
  std::optional<UnitPlace> place = ReadProfileRoot(components, count - 3);
  if (!place.has_value() || dash == std::string_view::npos) return std::nullopt;
  place->package = folder.substr(0, dash);
  place->hash = folder.substr(dash + 1);
  return place;
}

// "…/build/<package>/<hash>/fingerprint/<file>"
std::optional<UnitPlace> ReadV2(const std::vector<std::string>& components) {
  const std::size_t count = components.size();
  if (count < 6 || components[count - 5] != "build" || components[count - 2] != "fingerprint") {
    return std::nullopt;
  }
  std::optional<UnitPlace> place = ReadProfileRoot(components, count - 5);
  if (!place.has_value()) return std::nullopt;
  place->package = components[count - 4];
  place->hash = components[count - 3];
  return place;
}

}  // namespace

std::string TargetLayout::ProfileRoot(const UnitPlace& place) {
  if (place.triple.empty()) return place.profile_dir;
  return place.triple + "/" + place.profile_dir;
}

std::string TargetLayout::HashFile(const UnitPlace& place) const {
  return fmt::format("{}/{}", FingerprintDir(place), place.fingerprint_file);
}

std::string TargetLayout::OutDir(const UnitPlace& place) const {
  return FilePath(place, FileRole::kOutDirEntry, "");
}

std::string TargetLayout::RootOutputFile(const UnitPlace& place) const {
  return RunDir(place) + "/root-output";
}

std::string TargetLayout::FilePath(const UnitPlace& place, FileRole role,
                                   std::string_view name) const {
  const auto output = [&](std::string_view prefix, std::string_view suffix) {
    return fmt::format("{}/{}{}{}", OutputDir(place), prefix, Stem(place), suffix);
  };
  const auto below = [&](std::string folder) {
    return name.empty() ? folder : fmt::format("{}/{}", folder, name);
  };
  switch (role) {
    case FileRole::kRlib:
      return output("lib", ".rlib");
    case FileRole::kRmeta:
      return output("lib", ".rmeta");
    case FileRole::kSharedObject:
      return output("lib", ".so");
    case FileRole::kStaticArchive:
      return output("lib", ".a");
    case FileRole::kScriptExe:
      return output("", "");
    case FileRole::kDepInfo:
      return fmt::format("{}/dep-{}", FingerprintDir(place), place.fingerprint_file);
    case FileRole::kStdout:
      return fmt::format("{}/{}", RunDir(place), StdoutName());
    case FileRole::kOutDirEntry:
      // In v2 a run unit's OUT_DIR is what a compiled unit's output folder is.
      return below(kind() == LayoutKind::kV2 ? OutputDir(place) : RunDir(place) + "/out");
    case FileRole::kDwarfObject:
      return below(OutputDir(place));
  }
  DEPCACHE_CHECK(false && "unknown role");
  return "";
}

const TargetLayout& LayoutOf(LayoutKind kind) {
  static const ClassicLayout classic;
  static const V2Layout v2;
  if (kind == LayoutKind::kV2) return v2;
  return classic;
}

std::string DwarfObjectPrefix(LayoutKind layout, const UnitPlace& place) {
  const std::string path = LayoutOf(layout).FilePath(place, FileRole::kScriptExe, "");
  return path.substr(path.rfind('/') + 1) + ".";
}

absl::StatusOr<LocatedUnit> ParseHashFilePath(std::string_view path) {
  const std::vector<std::string> components = Split(path, '/');
  LayoutKind layout = LayoutKind::kClassic;
  std::optional<UnitPlace> place = ReadClassic(components);
  if (!place.has_value()) {
    layout = LayoutKind::kV2;
    place = ReadV2(components);
  }
  if (!place.has_value()) return InvalidArgument("'{}' is not the path of a hash file", path);
  if (!std::all_of(components.begin(), components.end(), IsSafeName) ||
      !IsSafeName(place->package)) {
    return InvalidArgument("'{}' leaves its folder", path);
  }
  if (!IsUnitHash(place->hash)) return InvalidArgument("'{}' has no unit hash", path);
  place->fingerprint_file = components.back();
  place->kind = KindOfHashFile(components.back());
  return LocatedUnit{layout, *std::move(place)};
}

}  // namespace depcache
