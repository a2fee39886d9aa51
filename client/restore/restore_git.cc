#include "client/restore/restore_git.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <system_error>

#include "cache/base/compress.h"
#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/git_snapshot.h"
#include "cache/layer/limits.h"
#include "client/cargo/build_lock.h"
#include "client/cargo/source_ids.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLockBound{10};
// git makes its objects read-only.
constexpr mode_t kObjectMode = 0444;

fs::path ObjectFile(const fs::path& repository, const std::string& id) {
  return repository / "objects" / id.substr(0, 2) / id.substr(2);
}

std::set<std::string> GitSources(const Lockfile& lock, const MachineFolders& folders) {
  std::set<std::string> sources;
  for (const LockedPackage& package : lock.packages) {
    if (!IsGitSource(package.source)) continue;
    if (!folders.IsInDirectory(package.name, package.version)) sources.insert(package.source);
  }
  return sources;
}

// The file by which a commit is known to be there: Cargo's mark on its
// checkout, or the object that we wrote. "" if there is none, which a commit in
// a pack that nothing was checked out of has neither.
fs::path MarkOf(const std::string& source, const MachineFolders& folders) {
  const absl::StatusOr<GitSource> git = ParseGitSource(source);
  const absl::StatusOr<fs::path> repository = folders.GitRepository(source);
  const absl::StatusOr<fs::path> checkout = folders.GitCheckout(source);
  if (!git.ok() || !repository.ok() || !checkout.ok()) return {};
  std::error_code error;
  if (!fs::exists(*repository / "HEAD", error)) return {};
  const fs::path object = ObjectFile(*repository, git->commit);
  if (fs::exists(object, error)) return object;
  if (fs::exists(*checkout / ".cargo-ok", error)) return *checkout / ".cargo-ok";
  return {};
}

// An empty bare repository, as far as git looks for one.
absl::Status MakeRepository(const fs::path& repository) {
  std::error_code error;
  if (fs::exists(repository / "HEAD", error)) return absl::OkStatus();
  for (const char* folder : {"objects", "refs"}) {
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(repository / folder));
  }
  DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(
      repository / "config", "[core]\n\tbare = true\n\trepositoryformatversion = 0\n"));
  return WriteFileAtomic(repository / "HEAD", "ref: refs/heads/master\n");
}

// The commit last: it says that all it stands on is there.
absl::Status WriteObjects(const fs::path& repository, const std::vector<GitObject>& objects) {
  for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
    const fs::path file = ObjectFile(repository, object->id);
    std::error_code error;
    if (fs::exists(file, error)) continue;
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
    DEPCACHE_RETURN_IF_ERROR(
        WriteFileAtomic(file, LooseObject(object->kind, object->bytes), kObjectMode));
  }
  return absl::OkStatus();
}

// All pieces of a record's snapshot, put together.
absl::StatusOr<std::string> FetchSnapshot(const PackageRecord& record, BlobStream& blobs,
                                          GitResult& result) {
  const std::uint64_t size = std::accumulate(
      record.crate.begin(), record.crate.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Digest& piece) { return sum + piece.size_bytes; });
  if (size > kMaxSnapshotBytes) return DataLoss("{} is too large", record.package.name);
  std::string whole;
  absl::Status status;
  DEPCACHE_RETURN_IF_ERROR(
      blobs.Read(record.crate, [&](std::size_t, const absl::StatusOr<std::string>& frame) {
        const absl::StatusOr<std::string> plain =
            frame.ok() ? DecompressFrame(*frame, kMaxBlobBytes) : frame;
        status = Annotate(plain.status(), record.package.name);
        if (!status.ok()) return false;
        result.bytes_received += frame->size();
        whole += *plain;
        return true;
      }));
  DEPCACHE_RETURN_IF_ERROR(status);
  return whole;
}

absl::Status RestoreOne(const PackageRecord& record, const MachineFolders& folders,
                        BlobStream& blobs, GitResult& result) {
  const std::string& source = record.package.source;
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path repository, folders.GitRepository(source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string snapshot, FetchSnapshot(record, blobs, result));
  const absl::StatusOr<std::vector<GitObject>> objects = DecodeSnapshot(snapshot, git.commit);
  if (!objects.ok()) {
    return DataLoss("{} is not the commit that Cargo.lock names: {}", record.package.name,
                    MessageOf(objects.status()));
  }
  DEPCACHE_RETURN_IF_ERROR(MakeRepository(repository));
  DEPCACHE_RETURN_IF_ERROR(WriteObjects(repository, *objects));
  ++result.repositories;
  result.bytes_written += snapshot.size();
  return absl::OkStatus();
}

}  // namespace

std::vector<PackageId> FindGitGaps(const Lockfile& lock, const MachineFolders& folders) {
  std::vector<PackageId> gaps;
  for (const std::string& source : GitSources(lock, folders)) {
    absl::StatusOr<PackageId> id = GitSourceId(source);
    if (id.ok() && MarkOf(source, folders).empty()) gaps.push_back(*std::move(id));
  }
  return gaps;
}

std::vector<std::string> GitFiles(const Lockfile& lock, const MachineFolders& folders) {
  std::vector<std::string> files;
  for (const std::string& source : GitSources(lock, folders)) {
    const fs::path mark = MarkOf(source, folders);
    if (!mark.empty()) files.push_back(mark.lexically_relative(folders.cargo_home).native());
  }
  return files;
}

absl::StatusOr<GitResult> RestoreGit(const std::vector<PackageId>& gaps,
                                     std::span<const PackageRecord> records,
                                     const MachineFolders& folders, BlobStream& blobs) {
  GitResult result;
  std::set<PackageId> wanted(gaps.begin(), gaps.end());
  std::vector<const PackageRecord*> found;
  for (const PackageRecord& record : records) {
    if (!record.crate.empty() && wanted.erase(record.package) > 0) found.push_back(&record);
  }
  if (found.empty()) return result;
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(folders.cargo_home));
  DEPCACHE_ASSIGN_OR_RETURN(
      const UniqueFd held,
      LockFile(folders.cargo_home / ".package-cache",
               std::chrono::steady_clock::now() + kLockBound, [] {}));
  for (const PackageRecord* record : found) {
    DEPCACHE_RETURN_IF_ERROR(RestoreOne(*record, folders, blobs, result));
  }
  return result;
}

}  // namespace depcache::client
