// CheckSources: an unpacked package against its .crate, a vendored one against
// what it was when the plan was made.

#include <memory>
#include <set>
#include <string>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/registry_layout.h"
#include "client/capture/capture_packages.h"
#include "client/cargo/directory_sources.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSourceBytes = 1ULL << 30;
constexpr std::uint64_t kMaxCrateBytes = 512 << 20;

struct CloseArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using ArchivePtr = std::unique_ptr<archive, CloseArchive>;

// The bytes of a .crate, if they are those that the lock names: Cargo itself
// does not look at a cached one again.
absl::StatusOr<std::string> ReadCrate(const fs::path& file, std::string_view checksum) {
  DEPCACHE_ASSIGN_OR_RETURN(std::string bytes, ReadFile(file, kMaxCrateBytes));
  if (HashAs<BlobHash>(bytes).ToHex() != checksum) {
    return FailedPrecondition("{} is not what Cargo.lock names", file.native());
  }
  return bytes;
}

// Borrows the bytes.
absl::StatusOr<ArchivePtr> OpenCrate(std::string_view bytes) {
  ArchivePtr reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return DataLoss("its .crate is damaged");
  }
  return reader;
}

// The content of the current entry against the file on disk.
absl::Status CompareEntry(archive* reader, const fs::path& path) {
  absl::StatusOr<std::string> on_disk = ReadFile(path, kMaxSourceBytes);
  if (!on_disk.ok()) return FailedPrecondition("{} is missing or unreadable", path.native());
  std::string_view rest = *on_disk;
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int result = ARCHIVE_OK;
  while ((result = archive_read_data_block(reader, &block, &size, &offset)) == ARCHIVE_OK) {
    const std::string_view piece(static_cast<const char*>(block), size);
    if (!rest.starts_with(piece)) return FailedPrecondition("{} was edited", path.native());
    rest.remove_prefix(size);
  }
  if (result != ARCHIVE_EOF) return DataLoss("its .crate is damaged");
  if (!rest.empty()) return FailedPrecondition("{} was edited", path.native());
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSources(const PackageId& package, const MachineFolders& folders) {
  if (const DirectoryPackage* here = folders.FindDirectoryPackage(package)) {
    DEPCACHE_ASSIGN_OR_RETURN(const PackageContents now, ReadPackageContents(here->root));
    if (now.digest == here->digest) return absl::OkStatus();
    return FailedPrecondition("{} was edited meanwhile", here->root.native());
  }
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path root, folders.PackageRoot(package));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string registry, RegistryDirName(package.source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, CrateFileName(package.name, package.version));
  DEPCACHE_ASSIGN_OR_RETURN(
      const std::string crate,
      ReadCrate(folders.cargo_home / "registry" / "cache" / registry / name, package.checksum));
  DEPCACHE_ASSIGN_OR_RETURN(const ArchivePtr reader, OpenCrate(crate));
  std::set<fs::path> expected;
  archive_entry* entry = nullptr;
  int result = ARCHIVE_OK;
  while ((result = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr) return DataLoss("its .crate has an entry without a name");
    // All entries lie below "<name>-<version>/", as the package does.
    const fs::path file = root.parent_path() / path;
    expected.insert(file);
    DEPCACHE_RETURN_IF_ERROR(CompareEntry(reader.get(), file));
  }
  if (result != ARCHIVE_EOF) return DataLoss("its .crate is damaged");
  return WalkTree(root, [&](const fs::path& relative, const fs::directory_entry& found) {
    std::error_code error;
    if (fs::is_directory(found.symlink_status(error))) return absl::OkStatus();
    // Cargo's own mark that the package is unpacked.
    if (relative == ".cargo-ok" || expected.contains(root / relative)) return absl::OkStatus();
    return FailedPrecondition("{} is not part of the package", (root / relative).native());
  });
}

}  // namespace depcache::client
