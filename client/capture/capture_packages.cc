#include "client/capture/capture_packages.h"

#include <memory>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/index_cache.h"
#include "cache/cargo/registry_layout.h"
#include "cache/layer/limits.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxIndexFileBytes = 64 << 20;
constexpr std::uint64_t kMaxCrateBytes = 512 << 20;

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

}  // namespace

std::vector<CapturedPackage> CapturePackages(const Lockfile& lock,
                                             const std::set<PackageId>& with_crate,
                                             const MachineFolders& folders) {
  std::vector<CapturedPackage> packages;
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
    auto bytes = std::make_shared<std::string>(Encode(captured.record));
    captured.record_digest = DigestOf(*bytes);
    captured.blobs.push_back(CapturedBlob{captured.record_digest, {}, 0, std::move(bytes)});
    packages.push_back(std::move(captured));
  }
  return packages;
}

}  // namespace depcache::client
