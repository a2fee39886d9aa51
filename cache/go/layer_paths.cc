#include "cache/go/layer_paths.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cache/base/hex.h"
#include "cache/base/text.h"
#include "cache/go/build_cache.h"

namespace depcache {
namespace {

constexpr std::string_view kModules = "mod/";
constexpr std::string_view kBuild = "build/";
constexpr std::string_view kVersions = "/@v/";
constexpr std::size_t kMaxModuleBytes = 1000;
// Longest first: ".ziphash" does not end in ".zip", but order costs nothing.
constexpr std::array<std::pair<std::string_view, GoFileKind>, 4> kExtensions = {
    {{".ziphash", GoFileKind::kZipHash},
     {".zip", GoFileKind::kZip},
     {".info", GoFileKind::kInfo},
     {".mod", GoFileKind::kMod}}};

bool IsModuleChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
}

// Components that exist, are no dots, and do not hide.
bool IsModuleText(std::string_view text) {
  if (text.empty() || text.size() > kMaxModuleBytes) return false;
  if (!std::all_of(text.begin(), text.end(), IsModuleChar)) return false;
  const auto parts = Split(text, '/');
  return std::all_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return !part.empty() && part[0] != '.'; });
}

std::optional<GoLayerPath> ParseModulePath(std::string_view rest) {
  const std::size_t split = rest.find(kVersions);
  if (split == std::string_view::npos) return std::nullopt;
  const std::string_view file = rest.substr(split + kVersions.size());
  for (const auto& [extension, kind] : kExtensions) {
    if (!file.ends_with(extension)) continue;
    const std::optional<std::string> module = UnescapeModule(rest.substr(0, split));
    const std::optional<std::string> version =
        UnescapeModule(file.substr(0, file.size() - extension.size()));
    if (!module || !version || version->find('/') != std::string::npos) return std::nullopt;
    return GoLayerPath{kind, *module, *version, ""};
  }
  return std::nullopt;
}

std::optional<GoLayerPath> ParseBuildPath(std::string_view rest) {
  if (rest.size() < 5) return std::nullopt;
  const std::string_view id = rest.substr(3, rest.size() - 5);
  if (id.size() != 64 || !FromHex(id)) return std::nullopt;
  GoLayerPath path;
  path.id = id;
  path.kind = rest.back() == 'a' ? GoFileKind::kAction : GoFileKind::kOutput;
  return LayerPathText(path).substr(kBuild.size()) == rest ? std::optional(path) : std::nullopt;
}

std::string BelowDownloads(const GoLayerPath& path) {
  const auto extension = std::find_if(kExtensions.begin(), kExtensions.end(),
                                      [&](const auto& entry) { return entry.second == path.kind; });
  std::string text = EscapeModule(path.module).value_or("");
  text += kVersions;
  text += EscapeModule(path.version).value_or("");
  text += extension->first;
  return text;
}

std::string BelowBuild(const GoLayerPath& path) {
  return path.kind == GoFileKind::kAction ? ActionFilePath(path.id) : OutputFilePath(path.id);
}

bool IsOfBuild(const GoLayerPath& path) {
  return path.kind == GoFileKind::kAction || path.kind == GoFileKind::kOutput;
}

}  // namespace

std::optional<std::string> EscapeModule(std::string_view text) {
  if (!IsModuleText(text)) return std::nullopt;
  std::string escaped;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      escaped += '!';
      escaped += static_cast<char>(c - 'A' + 'a');
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::optional<std::string> UnescapeModule(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= 'A' && c <= 'Z') return std::nullopt;
    if (c != '!') {
      plain += c;
      continue;
    }
    if (++i == text.size() || text[i] < 'a' || text[i] > 'z') return std::nullopt;
    plain += static_cast<char>(text[i] - 'a' + 'A');
  }
  return IsModuleText(plain) ? std::optional(plain) : std::nullopt;
}

std::optional<GoLayerPath> ParseLayerPath(std::string_view name) {
  if (name.starts_with(kModules)) return ParseModulePath(name.substr(kModules.size()));
  if (name.starts_with(kBuild)) return ParseBuildPath(name.substr(kBuild.size()));
  return std::nullopt;
}

std::string LayerPathText(const GoLayerPath& path) {
  return IsOfBuild(path) ? std::string(kBuild) + BelowBuild(path)
                         : std::string(kModules) + BelowDownloads(path);
}

std::string PathInCache(const GoLayerPath& path) {
  return IsOfBuild(path) ? BelowBuild(path) : "cache/download/" + BelowDownloads(path);
}

}  // namespace depcache
