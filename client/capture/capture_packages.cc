#include "client/capture/capture_packages.h"

#include <memory>
#include <optional>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/index_cache.h"
#include "cache/cargo/registry_layout.h"
#include "cache/layer/limits.h"
#include "client/cargo/source_ids.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxIndexFileBytes = 64 << 20;
constexpr std::uint64_t kMaxCrateBytes = 512 << 20;
constexpr std::uint64_t kMaxConfigBytes = 64 << 10;

std::string IndexLineOf(const PackageId& package, const fs::path& index_folder) {
  const absl::StatusOr<std::string> path = IndexPath(package.name);
  if (!path.ok()) return "";
  const absl::StatusOr<std::string> bytes =
      ReadFile(index_folder / ".cache" / *path, kMaxIndexFileBytes);
  if (!bytes.ok()) return "";
  const absl::StatusOr<std::string_view> line = FindIndexLine(*bytes, package.version);
  if (!line.ok() || line->size() > kMaxIndexLineBytes) return "";
  const absl::StatusOr<IndexLine> parsed = ParseIndexLine(*line);
  if (!parsed.ok() || parsed->checksum != package.checksum) return "";
  return std::string(*line);
}

void AddCrate(const fs::path& file, CapturedPackage& captured) {
  const absl::StatusOr<std::string> bytes = ReadFile(file, kMaxCrateBytes);
  if (!bytes.ok() || bytes->empty()) return;
  if (HashAs<BlobHash>(*bytes).ToHex() != captured.record.package.checksum) return;
  for (std::size_t pos = 0; pos < bytes->size(); pos += kMaxBlobBytes) {
    const Digest digest = DigestOf(std::string_view(*bytes).substr(pos, kMaxBlobBytes));
    captured.record.crate.push_back(digest);
    captured.blobs.push_back(CapturedBlob{digest, file, pos, nullptr});
  }
}

void AddRecord(CapturedPackage& captured) {
  auto bytes = std::make_shared<std::string>(Encode(captured.record));
  captured.record_digest = DigestOf(*bytes);
  captured.blobs.push_back(CapturedBlob{captured.record_digest, {}, 0, std::move(bytes)});
}

// The config.json of a registry; nullopt if there is none that may travel.
std::optional<CapturedPackage> CaptureConfig(const std::string& source,
                                             const MachineFolders& folders) {
  const absl::StatusOr<PackageId> id = RegistryConfigId(source);
  if (!id.ok() || !IsSparseRegistry(source)) return std::nullopt;
  const absl::StatusOr<std::string> json = ReadFile(
      folders.cargo_home / "registry" / "index" / id->name / "config.json", kMaxConfigBytes);
  if (!json.ok()) return std::nullopt;
  absl::StatusOr<std::string> portable = PortableRegistryConfig(*json, source);
  if (!portable.ok()) return std::nullopt;
  CapturedPackage captured;
  captured.record.package = *id;
  captured.record.index_line = *std::move(portable);
  AddRecord(captured);
  return captured;
}

}  // namespace

std::vector<CapturedPackage> CapturePackages(const Lockfile& lock,
                                             const std::set<PackageId>& with_crate,
                                             const MachineFolders& folders) {
  std::vector<CapturedPackage> packages;
  std::set<std::string> registries;
  for (const LockedPackage& locked : lock.packages) {
    const absl::StatusOr<std::string> registry = RegistryDirName(locked.source);
    if (locked.checksum.empty() || !registry.ok()) continue;
    CapturedPackage captured;
    captured.record.package = {locked.name, locked.version, locked.source, locked.checksum};
    const fs::path home = folders.cargo_home / "registry";
    captured.record.index_line = IndexLineOf(captured.record.package, home / "index" / *registry);
    const absl::StatusOr<std::string> name = CrateFileName(locked.name, locked.version);
    if (name.ok() && with_crate.contains(captured.record.package)) {
      AddCrate(home / "cache" / *registry / *name, captured);
    }
    if (captured.record.index_line.empty() && captured.record.crate.empty()) continue;
    AddRecord(captured);
    packages.push_back(std::move(captured));
    if (locked.source == kCratesIoSource || !registries.insert(locked.source).second) continue;
    if (std::optional<CapturedPackage> config = CaptureConfig(locked.source, folders)) {
      packages.push_back(*std::move(config));
    }
  }
  return packages;
}

}  // namespace depcache::client
