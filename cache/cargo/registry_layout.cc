#include "cache/cargo/registry_layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "cache/base/digest.h"
#include "cache/base/status.h"
#include "cache/cargo/json_reader.h"
#include "cache/cargo/package_spec.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/source_url.h"

namespace depcache {
namespace {

constexpr std::string_view kCratesIoSparse = "sparse+https://index.crates.io/";
constexpr JsonLimits kConfigLimits{.max_bytes = 64 << 10, .max_depth = 8, .max_fields = 64};

// Numbers of Cargo's enum SourceKind, which it hashes.
constexpr std::int64_t kRegistryKind = 2;
constexpr std::int64_t kSparseKind = 3;

std::string ToLower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool IsSafeHost(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_[]:").find(c) != std::string_view::npos;
  });
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

bool IsSparseRegistry(std::string_view source, CratesIoProtocol protocol) {
  if (source == kCratesIoSource) return protocol == CratesIoProtocol::kSparse;
  return source.starts_with("sparse+");
}

absl::StatusOr<std::string> RegistryDirName(std::string_view source, CratesIoProtocol protocol) {
  constexpr std::string_view kRegistry = "registry+";
  const bool is_sparse = IsSparseRegistry(source, protocol);
  if (!is_sparse && !source.starts_with(kRegistry)) {
    return InvalidArgument("'{}' is not a registry", source);
  }
  std::string_view text = source;
  if (source == kCratesIoSource && is_sparse) text = kCratesIoSparse;
  // The URL of a sparse registry has "sparse+" in its scheme.
  if (!is_sparse) text.remove_prefix(kRegistry.size());
  DEPCACHE_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(text));
  if (!IsSafeHost(url.Host())) return InvalidArgument("'{}' has no safe host", source);

  SipHasher hasher;
  hasher.Isize(is_sparse ? kSparseKind : kRegistryKind);
  hasher.Str(Canonical(url).Text());
  return fmt::format("{}-{}", url.Host(), HashText(hasher.Finish()));
}

absl::StatusOr<std::string> IndexPath(std::string_view package) {
  const bool is_ascii = std::all_of(package.begin(), package.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!IsPackageName(package) || !is_ascii) {
    return InvalidArgument("'{}' is not a package name", package);
  }
  const std::string name = ToLower(std::string(package));
  if (name.size() <= 2) return fmt::format("{}/{}", name.size(), name);
  if (name.size() == 3) return fmt::format("3/{}/{}", name[0], name);
  return fmt::format("{}/{}/{}", name.substr(0, 2), name.substr(2, 2), name);
}

absl::StatusOr<std::string> CrateFileName(std::string_view package, std::string_view version) {
  if (!IsPackageName(package) || !IsPackageVersion(version)) {
    return InvalidArgument("'{}' '{}' is not a package and its version", package, version);
  }
  return fmt::format("{}-{}.crate", package, version);
}

std::string CratesIoConfig() {
  return R"({"dl":"https://static.crates.io/crates","api":"https://crates.io"})";
}

absl::StatusOr<std::string> PortableRegistryConfig(std::string_view json, std::string_view source) {
  DEPCACHE_ASSIGN_OR_RETURN(const Json config, ParseJson(json, kConfigLimits, "config.json"));
  const absl::StatusOr<std::string> dl = StringField(config, "dl");
  if (!dl.ok()) return Annotate(dl.status(), "config.json");
  DEPCACHE_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(*dl));
  const bool is_web = url.scheme == "https" || url.scheme == "http";
  if (!is_web || !IsSafeHost(url.Host()) || url.Host().empty() ||
      url.authority.find('@') != std::string::npos || !IsPrintable(*dl)) {
    return InvalidArgument("config.json: '{}' is no address to download from", *dl);
  }
  Json portable;
  portable["dl"] = *dl;
  if (config.contains("auth-required") && config["auth-required"] != false) {
    DEPCACHE_ASSIGN_OR_RETURN(const SourceUrl index, ParseSourceUrl(source));
    if (index.scheme != "sparse+" + url.scheme || index.authority != url.authority) {
      return InvalidArgument("config.json: downloads from another host need the registry's token");
    }
    portable["auth-required"] = true;
  }
  return WriteJson(portable);
}

std::string RegistryConfigChecksum(std::string_view source) {
  return HashAs<BlobHash>(fmt::format("depcache.registry-config.v1\n{}", source)).ToHex();
}

}  // namespace depcache
