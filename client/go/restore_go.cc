#include "client/go/restore_go.h"

#include <system_error>

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "cache/base/compress.h"
#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/go/build_cache.h"
#include "cache/go/layer_paths.h"
#include "cache/layer/limits.h"
#include "client/go/zip_sum.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSmallFile = 16 << 20;  // a .mod or .info that is read back

// One file to write.
struct Job {
  std::size_t unit = 0;
  GoLayerPath path;
  const UnitFile* file = nullptr;
  fs::path target;
};

class Restorer {
 public:
  Restorer(std::span<const UnitRecord> records, const GoSum& sums, const GoCaches& caches,
           BlobStream& blobs)
      : records_(records), sums_(sums), caches_(caches), blobs_(blobs) {
    result_.units.resize(records.size(), GoUnitState::kPresent);
  }

  absl::StatusOr<GoRestored> Run() {
    for (std::size_t unit = 0; unit < records_.size(); ++unit) Plan(unit);
    if (jobs_.empty()) return std::move(result_);
    for (const fs::path& folder : {caches_.build, caches_.modules / "cache"}) {
      DEPCACHE_RETURN_IF_ERROR(CreateDirectories(folder));
      DEPCACHE_ASSIGN_OR_RETURN(ScopedTempDir temp, ScopedTempDir::Make(folder, ".depcache-"));
      temps_.push_back(std::move(temp));
    }
    Fetch();
    for (std::size_t i = 0; i < jobs_.size(); ++i) Write(i);
    return std::move(result_);
  }

 private:
  static bool IsOfBuild(const GoLayerPath& path) {
    return path.kind == GoFileKind::kAction || path.kind == GoFileKind::kOutput;
  }
  fs::path TargetOf(const GoLayerPath& path) const {
    return (IsOfBuild(path) ? caches_.build : caches_.modules) / PathInCache(path);
  }

  void Fail(std::size_t unit, const absl::Status& why) {
    result_.units[unit] = GoUnitState::kFailed;
    if (result_.first_error.ok()) {
      result_.first_error = Annotate(why, records_[unit].package.name);
    }
  }

  // Only a file that has its whole content comes to lie under such a name.
  static bool IsThere(const fs::path& target, const UnitFile& file) {
    std::error_code error;
    const bool is_file = fs::is_regular_file(fs::symlink_status(target, error));
    // Go itself writes an action's file with the time of its own build.
    return is_file && (fs::file_size(target, error) == SizeOf(file));
  }

  void Plan(std::size_t unit) {
    std::vector<Job> jobs;
    for (const UnitFile& file : records_[unit].files) {
      const std::optional<GoLayerPath> path = ParseLayerPath(file.name);
      if (!path) return Fail(unit, DataLoss("'{}' belongs into no cache", file.name));
      Job job{unit, *path, &file, TargetOf(*path)};
      if (!IsThere(job.target, file)) jobs.push_back(std::move(job));
    }
    if (!jobs.empty()) result_.units[unit] = GoUnitState::kRestored;
    jobs_.insert(jobs_.end(), jobs.begin(), jobs.end());
  }

  fs::path TempOf(std::size_t job) const {
    return temps_[IsOfBuild(jobs_[job].path) ? 0 : 1].path() / std::to_string(job);
  }

  // All blobs in one stream, each file into a temporary one as it comes.
  void Fetch() {
    std::vector<Digest> wanted;
    std::vector<std::size_t> job_of;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const auto* content = std::get_if<BlobContent>(&jobs_[i].file->content);
      if (content == nullptr) continue;
      wanted.insert(wanted.end(), content->blobs.begin(), content->blobs.end());
      job_of.resize(wanted.size(), i);
    }
    UniqueFd file;
    std::size_t current = jobs_.size();
    std::uint64_t offset = 0;
    std::size_t answered = 0;
    const auto take = [&](std::size_t i, const absl::StatusOr<std::string>& frame) {
      answered = i + 1;
      const std::size_t job = job_of[i];
      if (job != current) {
        current = job;
        offset = 0;
        absl::StatusOr<UniqueFd> opened = OpenFile(TempOf(job), O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (!opened.ok()) Fail(jobs_[job].unit, opened.status());
        file = opened.ok() ? *std::move(opened) : UniqueFd();
      }
      const absl::Status status = file.valid() ? Append(frame, wanted[i], file.get(), offset)
                                               : Unavailable("it could not be written");
      if (!status.ok()) Fail(jobs_[job].unit, status);
      offset += wanted[i].size_bytes;
      return true;
    };
    const absl::Status read = wanted.empty() ? absl::OkStatus() : blobs_.Read(wanted, take);
    for (std::size_t i = answered; i < wanted.size(); ++i) {
      Fail(jobs_[job_of[i]].unit, read.ok() ? Unavailable("the stream ended") : read);
    }
  }

  absl::Status Append(const absl::StatusOr<std::string>& frame, const Digest& digest, int fd,
                      std::uint64_t offset) {
    DEPCACHE_RETURN_IF_ERROR(frame.status());
    result_.bytes_received += frame->size();
    const absl::StatusOr<std::string> plain = DecompressFrame(*frame, kMaxBlobBytes);
    if (!plain.ok() || DigestOf(*plain) != digest) {
      return DataLoss("the server sent other bytes than were asked for");
    }
    return WriteAllAt(fd, *plain, offset);
  }

  // A unit that failed writes nothing more; what it wrote before is whole.
  void Write(std::size_t job) {
    if (result_.units[jobs_[job].unit] == GoUnitState::kFailed) return;
    const absl::Status status = PutInPlace(jobs_[job], TempOf(job));
    if (!status.ok()) Fail(jobs_[job].unit, status);
  }

  absl::Status PutInPlace(const Job& job, const fs::path& temp) {
    if (const auto* content = std::get_if<InlineContent>(&job.file->content)) {
      DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(temp, content->bytes));
    } else if (SizeOf(*job.file) == 0) {
      return DataLoss("a file of no pieces");
    }
    DEPCACHE_RETURN_IF_ERROR(Check(job, temp));
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(job.target.parent_path()));
    std::error_code error;
    fs::rename(temp, job.target, error);
    if (error) return FromErrno(error.value(), fmt::format("write {}", job.target.native()));
    result_.bytes_written += SizeOf(*job.file);
    return absl::OkStatus();
  }

  absl::Status Check(const Job& job, const fs::path& temp) {
    if (job.path.kind == GoFileKind::kZip) return CheckZip(job, temp);
    if (job.path.kind == GoFileKind::kOutput) return CheckOutput(job, temp);
    DEPCACHE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(temp, kMaxSmallFile));
    const auto wrong = [&](std::string_view why) {
      return DataLoss("{} {}", LayerPathText(job.path), why);
    };
    if (job.path.kind == GoFileKind::kAction) {
      const std::optional<BuildCacheEntry> entry = ParseActionFile(bytes);
      const bool is_right = entry && entry->action == job.path.id && HasOutput(job.unit, *entry);
      return is_right ? absl::OkStatus() : wrong("is not an entry of its unit");
    }
    if (job.path.kind == GoFileKind::kInfo) {
      const auto json = nlohmann::json::parse(bytes, nullptr, /*allow_exceptions=*/false);
      const bool is_right = json.is_object() && json.value("Version", nlohmann::json()) ==
                                                    nlohmann::json(job.path.version);
      return is_right ? absl::OkStatus() : wrong("is of another version");
    }
    const GoModuleSums sums = SumsOf(job.path);
    const bool is_right = job.path.kind == GoFileKind::kMod
                              ? sums.mod == GoModSum(bytes)
                              : sums.zip && SumText(*sums.zip) == bytes;
    return is_right ? absl::OkStatus() : wrong("is not what go.sum says");
  }

  absl::Status CheckZip(const Job& job, const fs::path& temp) const {
    DEPCACHE_ASSIGN_OR_RETURN(const PartDigest sum, ZipSum(temp));
    if (SumsOf(job.path).zip == sum) return absl::OkStatus();
    return DataLoss("{} is not what go.sum says", LayerPathText(job.path));
  }

  // An output is named by the hash of its bytes.
  static absl::Status CheckOutput(const Job& job, const fs::path& temp) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(temp, kMaxFileBytes));
    if (HashAs<BlobHash>(bytes).ToHex() == job.path.id) return absl::OkStatus();
    return DataLoss("{} is not what its name says", LayerPathText(job.path));
  }

  bool HasOutput(std::size_t unit, const BuildCacheEntry& entry) const {
    const std::string name = LayerPathText({GoFileKind::kOutput, "", "", entry.output});
    for (const UnitFile& file : records_[unit].files) {
      if (file.name == name) return SizeOf(file) == entry.size_bytes;
    }
    return false;
  }

  GoModuleSums SumsOf(const GoLayerPath& path) const {
    const auto found = sums_.find({path.module, path.version});
    return found == sums_.end() ? GoModuleSums{} : found->second;
  }

  const std::span<const UnitRecord> records_;
  const GoSum& sums_;
  const GoCaches& caches_;
  BlobStream& blobs_;
  std::vector<Job> jobs_;
  std::vector<ScopedTempDir> temps_;  // of the build cache, of the module cache
  GoRestored result_;
};

}  // namespace

absl::StatusOr<GoRestored> RestoreGoUnits(std::span<const UnitRecord> records, const GoSum& sums,
                                          const GoCaches& caches, BlobStream& blobs) {
  return Restorer(records, sums, caches, blobs).Run();
}

}  // namespace depcache::client
