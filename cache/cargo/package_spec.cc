#include "cache/cargo/package_spec.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<SourceKind> KindOf(std::string_view source) {
  if (source.starts_with("registry+") || source.starts_with("sparse+") ||
      source.starts_with("local-registry+")) {
    return SourceKind::kRegistry;
  }
  if (source.starts_with("directory+")) return SourceKind::kDirectory;
  if (source.starts_with("git+")) return SourceKind::kGit;
  if (source.starts_with("path+")) return SourceKind::kPath;
  return std::nullopt;
}

std::string_view LastPathComponent(std::string_view source) {
  source = source.substr(0, source.find('?'));
  return source.substr(source.rfind('/') + 1);
}

}  // namespace

bool IsPackageName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-' || c == '_' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

bool IsPackageVersion(std::string_view version) {
  return !version.empty() && version.size() <= kMaxNameBytes && version[0] >= '0' &&
         version[0] <= '9' && std::all_of(version.begin(), version.end(), [](char c) {
           return IsAlphanumeric(c) || c == '.' || c == '-' || c == '+';
         });
}

absl::StatusOr<PackageSpec> ParsePackageSpec(std::string_view pkg_id) {
  const std::size_t hash = pkg_id.rfind('#');
  if (hash == std::string_view::npos) {
    return InvalidArgument("package id '{}' has no version", pkg_id);
  }
  const std::string_view source = pkg_id.substr(0, hash);
  const std::optional<SourceKind> kind = KindOf(source);
  if (!kind.has_value()) return InvalidArgument("package id '{}': unknown source", pkg_id);

  const std::string_view fragment = pkg_id.substr(hash + 1);
  const std::size_t at = fragment.rfind('@');
  PackageSpec spec;
  spec.kind = *kind;
  if (at == std::string_view::npos) {
    spec.name = LastPathComponent(source);
    spec.version = fragment;
  } else {
    spec.name = fragment.substr(0, at);
    spec.version = fragment.substr(at + 1);
  }
  if (*kind != SourceKind::kPath) spec.source = source;
  if (!IsPackageName(spec.name)) return InvalidArgument("package id '{}': bad name", pkg_id);
  if (!IsPackageVersion(spec.version)) {
    return InvalidArgument("package id '{}': bad version", pkg_id);
  }
  return spec;
}

}  // namespace depcache
