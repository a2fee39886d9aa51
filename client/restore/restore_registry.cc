#include "client/restore/restore_registry.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "cache/base/compress.h"
#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/index_cache.h"
#include "cache/cargo/registry_layout.h"
#include "cache/layer/limits.h"
#include "client/cargo/build_lock.h"
#include "client/cargo/source_ids.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxIndexFileBytes = 64 << 20;
constexpr std::chrono::seconds kLockBound{10};

PackageId IdOf(const LockedPackage& package) {
  return {package.name, package.version, package.source, package.checksum};
}

// Where the registry of a source keeps something ("index", "cache").
absl::StatusOr<fs::path> RegistryFolder(const MachineFolders& folders, const char* what,
                                        std::string_view source) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, RegistryDirName(source));
  return folders.cargo_home / "registry" / what / name;
}

absl::StatusOr<fs::path> IndexFile(const MachineFolders& folders, const PackageId& package) {
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path folder, RegistryFolder(folders, "index", package.source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string path, IndexPath(package.name));
  return folder / ".cache" / path;
}

absl::StatusOr<fs::path> CrateFile(const MachineFolders& folders, const PackageId& package) {
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path folder, RegistryFolder(folders, "cache", package.source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, CrateFileName(package.name, package.version));
  return folder / name;
}

bool HasIndexEntry(const MachineFolders& folders, const PackageId& package) {
  // An index in git is no file that we could write.
  if (!IsSparseRegistry(package.source)) return true;
  const absl::StatusOr<fs::path> file = IndexFile(folders, package);
  if (!file.ok()) return true;  // no registry whose files we could write
  const absl::StatusOr<std::string> bytes = ReadFile(*file, kMaxIndexFileBytes);
  return bytes.ok() && FindIndexLine(*bytes, package.version).ok();
}

bool HasCrate(const MachineFolders& folders, const PackageId& package) {
  const absl::StatusOr<fs::path> file = CrateFile(folders, package);
  if (!file.ok()) return true;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(*file, error);
  return !error && size > 0;
}

// Adds a version to the crate's index file. OK and no change if it is there.
absl::StatusOr<bool> WriteIndexEntry(const MachineFolders& folders, const PackageRecord& record) {
  DEPCACHE_ASSIGN_OR_RETURN(const IndexLine line, ParseIndexLine(record.index_line));
  if (line.name != record.package.name || line.version != record.package.version ||
      line.checksum != record.package.checksum) {
    return DataLoss("the index entry of {} {} is another package's", record.package.name,
                    record.package.version);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path file, IndexFile(folders, record.package));
  IndexCache cache;
  if (const absl::StatusOr<std::string> bytes = ReadFile(file, kMaxIndexFileBytes); bytes.ok()) {
    if (FindIndexLine(*bytes, record.package.version).ok()) return false;
    // A file we cannot read is one Cargo would throw away.
    if (absl::StatusOr<IndexCache> old = ParseIndexCache(*bytes); old.ok()) {
      cache = *std::move(old);
    }
  }
  cache = Merged(std::move(cache), {IndexEntry{record.package.version, record.index_line}});
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
  DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(file, Serialize(cache)));
  return true;
}

absl::StatusOr<fs::path> ConfigFile(const MachineFolders& folders, std::string_view source) {
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path folder, RegistryFolder(folders, "index", source));
  return folder / "config.json";
}

bool HasConfig(const MachineFolders& folders, std::string_view source) {
  const absl::StatusOr<fs::path> file = ConfigFile(folders, source);
  std::error_code error;
  return file.ok() && fs::exists(*file, error);
}

// Where crates of each registry come from, by source. Without config.json newer
// Cargos delete the index files they look at.
class RegistryConfigs {
 public:
  explicit RegistryConfigs(std::span<const PackageRecord> records) {
    configs_[std::string(kCratesIoSource)] = CratesIoConfig();
    for (const PackageRecord& record : records) {
      const absl::StatusOr<PackageId> id = RegistryConfigId(record.package.source);
      if (!id.ok() || record.package != *id) continue;
      absl::StatusOr<std::string> config =
          PortableRegistryConfig(record.index_line, record.package.source);
      if (config.ok()) configs_.emplace(record.package.source, *std::move(config));
    }
  }

  // False where there is none, here or among the records.
  absl::StatusOr<bool> Ensure(const MachineFolders& folders, const std::string& source) const {
    if (!IsSparseRegistry(source)) return false;
    if (HasConfig(folders, source)) return true;
    const auto config = configs_.find(source);
    if (config == configs_.end()) return false;
    DEPCACHE_ASSIGN_OR_RETURN(const fs::path file, ConfigFile(folders, source));
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(file, config->second));
    return true;
  }

 private:
  std::map<std::string, std::string> configs_;
};

absl::Status WriteCrate(const MachineFolders& folders, const PackageId& package,
                        std::string_view bytes) {
  if (HashAs<BlobHash>(bytes).ToHex() != package.checksum) {
    return DataLoss("{} {} is not what Cargo.lock names", package.name, package.version);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path file, CrateFile(folders, package));
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
  return WriteFileAtomic(file, bytes);
}

// Fetches all crates in one go; each is written when its last piece came.
absl::Status FetchCrates(const MachineFolders& folders,
                         const std::vector<const PackageRecord*>& records, BlobStream& blobs,
                         RegistryResult& result) {
  std::vector<Digest> wanted;
  std::vector<std::size_t> owner;
  for (std::size_t r = 0; r < records.size(); ++r) {
    wanted.insert(wanted.end(), records[r]->crate.begin(), records[r]->crate.end());
    owner.resize(wanted.size(), r);
  }
  std::string whole;
  absl::Status status;
  DEPCACHE_RETURN_IF_ERROR(blobs.Read(wanted, [&](std::size_t i,
                                                  const absl::StatusOr<std::string>& frame) {
    const PackageId& package = records[owner[i]]->package;
    const absl::StatusOr<std::string> plain =
        frame.ok() ? DecompressFrame(*frame, kMaxBlobBytes) : frame;
    status = Annotate(plain.status(), package.name);
    if (!status.ok()) return false;
    result.bytes_received += frame->size();
    whole += *plain;
    if (i + 1 < wanted.size() && owner[i + 1] == owner[i]) return true;
    status = WriteCrate(folders, package, whole);
    ++result.crates;
    result.bytes_written += whole.size();
    whole.clear();
    return status.ok();
  }));
  return status;
}

}  // namespace

RegistryGaps FindGaps(const Lockfile& lock, const MachineFolders& folders) {
  RegistryGaps gaps;
  std::set<std::string> registries = {std::string(kCratesIoSource)};
  for (const LockedPackage& package : lock.packages) {
    if (package.checksum.empty() || !RegistryDirName(package.source).ok()) continue;
    if (folders.IsInDirectory(package.name, package.version)) continue;
    const PackageId id = IdOf(package);
    if (!HasIndexEntry(folders, id)) gaps.without_index.push_back(id);
    if (!HasCrate(folders, id)) gaps.without_crate.push_back(id);
    if (!registries.insert(package.source).second || !IsSparseRegistry(package.source)) continue;
    absl::StatusOr<PackageId> config = RegistryConfigId(package.source);
    if (config.ok() && !HasConfig(folders, package.source)) {
      gaps.without_config.push_back(*std::move(config));
    }
  }
  return gaps;
}

std::vector<std::string> RegistryFiles(const Lockfile& lock, const MachineFolders& folders) {
  std::vector<std::string> files;
  for (const LockedPackage& package : lock.packages) {
    if (package.checksum.empty()) continue;
    for (const absl::StatusOr<fs::path>& file :
         {IndexFile(folders, IdOf(package)), CrateFile(folders, IdOf(package))}) {
      std::error_code error;
      if (!file.ok() || !fs::exists(*file, error)) continue;
      files.push_back(file->lexically_relative(folders.cargo_home).native());
    }
  }
  return files;
}

absl::StatusOr<RegistryResult> RestoreRegistry(const Lockfile& lock, const RegistryGaps& gaps,
                                               std::span<const PackageRecord> records,
                                               const MachineFolders& folders, BlobStream& blobs) {
  RegistryResult result;
  if (gaps.IsEmpty()) return result;
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(folders.cargo_home));
  DEPCACHE_ASSIGN_OR_RETURN(
      const UniqueFd held,
      LockFile(folders.cargo_home / ".package-cache",
               std::chrono::steady_clock::now() + kLockBound, [] {}));
  std::set<PackageId> wants_index(gaps.without_index.begin(), gaps.without_index.end());
  const std::set<PackageId> wants_crate(gaps.without_crate.begin(), gaps.without_crate.end());
  std::set<PackageId> locked;
  for (const LockedPackage& package : lock.packages) locked.insert(IdOf(package));
  const RegistryConfigs configs(records);
  std::vector<const PackageRecord*> crates;
  for (const PackageRecord& record : records) {
    // Only what this lock names, with the checksum it names.
    if (!locked.contains(record.package)) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const bool has_config,
                              configs.Ensure(folders, record.package.source));
    if (has_config && !record.index_line.empty() && wants_index.erase(record.package) > 0) {
      DEPCACHE_ASSIGN_OR_RETURN(const bool is_new, WriteIndexEntry(folders, record));
      result.index_entries += is_new ? 1 : 0;
    }
    if (!record.crate.empty() && wants_crate.contains(record.package)) crates.push_back(&record);
  }
  DEPCACHE_RETURN_IF_ERROR(FetchCrates(folders, crates, blobs, result));
  result.still_without_index.assign(wants_index.begin(), wants_index.end());
  return result;
}

}  // namespace depcache::client
