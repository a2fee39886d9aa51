#include "client/capture/git_sources.h"

#include <cerrno>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/git_snapshot.h"
#include "cache/layer/limits.h"
#include "client/cargo/git_program.h"
#include "client/cargo/source_ids.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

// A working tree, as the objects git would make of it.
class WorkTree {
 public:
  explicit WorkTree(fs::path root) : root_(std::move(root)) {}

  // The tree object of the whole.
  absl::StatusOr<std::string> Read() { return ReadFolder(root_, 0); }

  void Add(std::string id, std::string bytes) { objects_.emplace(std::move(id), std::move(bytes)); }
  const std::string* Find(const std::string& id) const {
    const auto object = objects_.find(id);
    return object == objects_.end() ? nullptr : &object->second;
  }

 private:
  static constexpr int kMaxDepth = 200;

  absl::StatusOr<std::string> ReadFolder(const fs::path& folder, int depth) {
    if (depth > kMaxDepth) return FailedPrecondition("{} is too deep", folder.native());
    std::vector<GitTreeEntry> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().native();
      // git's own folder, and Cargo's mark that the checkout is complete.
      if (depth == 0 && (name == ".git" || name == ".cargo-ok")) continue;
      DEPCACHE_ASSIGN_OR_RETURN(GitTreeEntry entry, ReadEntry(it->path(), depth));
      entry.name = name;
      entries.push_back(std::move(entry));
    }
    if (error) return FromErrno(error.value(), fmt::format("read {}", folder.native()));
    return Keep(GitKind::kTree, PrintTree(std::move(entries)));
  }

  absl::StatusOr<GitTreeEntry> ReadEntry(const fs::path& path, int depth) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) {
      return FromErrno(errno, fmt::format("read {}", path.native()));
    }
    if (S_ISDIR(info.st_mode)) {
      DEPCACHE_ASSIGN_OR_RETURN(std::string id, ReadFolder(path, depth + 1));
      return GitTreeEntry{"40000", "", std::move(id)};
    }
    if (S_ISLNK(info.st_mode)) {
      DEPCACHE_ASSIGN_OR_RETURN(std::string id, ReadLink(path));
      return GitTreeEntry{"120000", "", std::move(id)};
    }
    if (!S_ISREG(info.st_mode)) return FailedPrecondition("{} is no file", path.native());
    DEPCACHE_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxSnapshotBytes));
    DEPCACHE_ASSIGN_OR_RETURN(std::string id, Keep(GitKind::kBlob, std::move(bytes)));
    return GitTreeEntry{(info.st_mode & 0100) != 0 ? "100755" : "100644", "", std::move(id)};
  }

  // What lies behind a link that leaves the checkout is in no commit.
  absl::StatusOr<std::string> ReadLink(const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    if (error) return FromErrno(error.value(), fmt::format("read {}", path.native()));
    const fs::path end = (path.parent_path() / target).lexically_normal();
    if (target.is_absolute() || !end.native().starts_with(root_.native() + "/")) {
      return FailedPrecondition("{} leads out of its repository", path.native());
    }
    return Keep(GitKind::kBlob, target.native());
  }

  absl::StatusOr<std::string> Keep(GitKind kind, std::string bytes) {
    total_ += bytes.size();
    if (total_ > kMaxSnapshotBytes || objects_.size() > kMaxGitObjects) {
      return ResourceExhausted("its repository is larger than what is shared");
    }
    std::string id = GitObjectId(kind, bytes);
    Add(id, std::move(bytes));
    return id;
  }

  const fs::path root_;
  std::map<std::string, std::string> objects_;
  std::size_t total_ = 0;
};

}  // namespace

absl::StatusOr<std::string> SnapshotOfCheckout(const std::string& source,
                                               const MachineFolders& folders,
                                               ProcessRunner& processes) {
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path checkout, folders.GitCheckout(source));
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path repository, folders.GitRepository(source));
  std::error_code error;
  if (fs::exists(checkout / ".gitmodules", error)) {
    return FailedPrecondition("its repository has git submodules");
  }
  DEPCACHE_ASSIGN_OR_RETURN(std::string commit, ReadGitCommit(processes, repository, git.commit));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string named, TreeOfCommit(commit));
  WorkTree tree(checkout);
  DEPCACHE_ASSIGN_OR_RETURN(const std::string found, tree.Read());
  if (found != named) {
    return FailedPrecondition("{} is not what its commit has: a file was edited, added or removed",
                              checkout.native());
  }
  tree.Add(git.commit, std::move(commit));
  return EncodeSnapshot(git.commit,
                        [&](GitKind, const std::string& id) -> absl::StatusOr<std::string_view> {
                          const std::string* bytes = tree.Find(id);
                          if (bytes == nullptr) return NotFound("git object {}", id);
                          return *bytes;
                        });
}

std::vector<CapturedPackage> CaptureGitSources(const Lockfile& lock, const MachineFolders& folders,
                                               ProcessRunner& processes) {
  std::set<std::string> sources;
  for (const LockedPackage& package : lock.packages) {
    if (IsGitSource(package.source)) sources.insert(package.source);
  }
  std::vector<CapturedPackage> captured;
  for (const std::string& source : sources) {
    const absl::StatusOr<PackageId> id = GitSourceId(source);
    const absl::StatusOr<std::string> snapshot = SnapshotOfCheckout(source, folders, processes);
    if (!id.ok() || !snapshot.ok()) continue;
    CapturedPackage package;
    package.record.package = *id;
    for (std::size_t pos = 0; pos < snapshot->size(); pos += kMaxBlobBytes) {
      auto piece = std::make_shared<std::string>(snapshot->substr(pos, kMaxBlobBytes));
      package.record.crate.push_back(DigestOf(*piece));
      package.blobs.push_back(CapturedBlob{package.record.crate.back(), {}, 0, std::move(piece)});
    }
    auto bytes = std::make_shared<std::string>(Encode(package.record));
    package.record_digest = DigestOf(*bytes);
    package.blobs.push_back(CapturedBlob{package.record_digest, {}, 0, std::move(bytes)});
    captured.push_back(std::move(package));
  }
  return captured;
}

}  // namespace depcache::client
