#include "client/restore/file_writer.h"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/compress.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"
#include "client/restore/new_file.h"

namespace depcache::client {

namespace fs = std::filesystem;

// A file that is being written. `mutex` guards opening and, for files which
// are put together in memory, the bytes.
struct FileWriter::Writing {
  Mutex mutex;
  UniqueFd fd ABSL_GUARDED_BY(mutex);
  std::string whole ABSL_GUARDED_BY(mutex);
  std::atomic<std::size_t> pieces_left = 0;
};

FileWriter::FileWriter(const RestorePlan& plan, std::span<const UnitRecord> records,
                       const MachineFolders& folders)
    : plan_(plan),
      records_(records),
      folders_(folders),
      slices_(plan.files.size()),
      writing_(plan.files.size()),
      unit_status_(plan.units.size()) {
  std::unordered_map<BlobHash, std::size_t> index;
  for (std::size_t f = 0; f < plan.files.size(); ++f) {
    const PlannedFile& file = plan.files[f];
    if (file.slice) {
      slices_[file.slice->file].push_back(f);
      writing_[f] = std::make_unique<Writing>();
    }
    if (file.blobs.empty()) continue;
    writing_[f] = std::make_unique<Writing>();
    writing_[f]->pieces_left = file.blobs.size();
    std::uint64_t offset = 0;
    for (const Digest& blob : file.blobs) {
      const auto [entry, is_new] = index.try_emplace(blob.hash, wanted_.size());
      if (is_new) {
        wanted_.push_back(blob);
        uses_.emplace_back();
      }
      uses_[entry->second].push_back(Use{f, offset});
      offset += blob.size_bytes;
    }
  }
  // A slice is complete when every blob that overlaps it was written.
  for (std::size_t f = 0; f < plan.files.size(); ++f) {
    const PlannedFile& file = plan.files[f];
    if (!file.slice) continue;
    std::uint64_t offset = 0;
    for (const Digest& blob : plan.files[file.slice->file].blobs) {
      if (offset < file.slice->offset + file.slice->size &&
          file.slice->offset < offset + blob.size_bytes) {
        ++writing_[f]->pieces_left;
      }
      offset += blob.size_bytes;
    }
  }
}

FileWriter::~FileWriter() = default;

absl::Status FileWriter::MakeFolder(const fs::path& folder) {
  if (!made_folders_.emplace(folder.native(), true).second) return absl::OkStatus();
  return CreateDirectories(folder);
}

absl::Status FileWriter::Prepare() {
  for (const UnitFinish& unit : plan_.units) {
    if (!unit.is_written) continue;
    // Without its hash file the unit counts as never built, whatever happens
    // to us from here on.
    if (unlink(unit.hash_path.c_str()) != 0 && errno != ENOENT) {
      return FromErrno(errno, fmt::format("remove {}", unit.hash_path.native()));
    }
    for (const fs::path& folder : unit.own_folders) {
      struct stat info {};
      if (lstat(folder.c_str(), &info) == 0) DEPCACHE_RETURN_IF_ERROR(RemoveAll(folder));
    }
    DEPCACHE_RETURN_IF_ERROR(MakeFolder(unit.hash_path.parent_path()));
  }
  for (const PlannedFile& file : plan_.files) {
    DEPCACHE_RETURN_IF_ERROR(MakeFolder(file.is_folder ? file.path : file.path.parent_path()));
  }
  return absl::OkStatus();
}

void FileWriter::WriteKnown(std::size_t first, std::size_t count) {
  const std::size_t end = std::min(first + count, plan_.files.size());
  for (std::size_t f = first; f < end; ++f) {
    if (const absl::Status status = WriteKnown(plan_.files[f]); !status.ok()) Fail(f, status);
  }
}

absl::Status FileWriter::WriteKnown(const PlannedFile& file) {
  if (file.bytes) return WriteWhole(file, *file.bytes);
  if (file.slice && file.slice->size == 0) return WriteWhole(file, "");
  if (!file.link) return absl::OkStatus();
  if (unlink(file.path.c_str()) != 0 && errno != ENOENT) {
    return FromErrno(errno, fmt::format("remove {}", file.path.native()));
  }
  if (symlink(file.link->c_str(), file.path.c_str()) != 0) {
    return FromErrno(errno, fmt::format("link {}", file.path.native()));
  }
  ++files_written_;
  return SetFileTime(file.path, file.time);
}

absl::Status FileWriter::WriteWhole(const PlannedFile& file, std::string_view bytes) {
  bytes_written_ += bytes.size();
  ++files_written_;
  return WriteNewFile(file.path, bytes, file.is_executable, file.time);
}

void FileWriter::Fail(std::size_t file, const absl::Status& status) {
  MutexLock lock(mutex_);
  absl::Status& unit = unit_status_[plan_.files[file].unit];
  if (unit.ok()) unit = Annotate(status, plan_.files[file].path.filename().native());
}

void FileWriter::Deliver(std::size_t index, absl::StatusOr<std::string> frame) {
  thread_local std::string plain;
  plain.resize(wanted_[index].size_bytes);
  absl::Status status = frame.status();
  if (status.ok()) status = DecompressFrame(*frame, std::span<char>(plain));
  if (status.ok()) {
    if (DeliverPlain(index, plain)) return;
    status = DataLoss("a blob is not what its name says");
  }
  for (const Use& use : uses_[index]) Fail(use.file, status);
}

bool FileWriter::DeliverPlain(std::size_t index, std::string_view plain) {
  const Digest& digest = wanted_[index];
  if (plain.size() != digest.size_bytes || HashAs<BlobHash>(plain) != digest.hash) return false;
  for (const Use& use : uses_[index]) WriteUse(use, plain);
  return true;
}

// To the file itself and to those which are slices of it.
void FileWriter::WriteUse(const Use& use, std::string_view plain) {
  WriteTo(use.file, use.offset, plain);
  for (const std::size_t f : slices_[use.file]) {
    const PlannedSlice& slice = *plan_.files[f].slice;
    const std::uint64_t begin = std::max(slice.offset, use.offset);
    const std::uint64_t end = std::min(slice.offset + slice.size, use.offset + plain.size());
    if (begin >= end) continue;
    WriteTo(f, begin - slice.offset, plain.substr(begin - use.offset, end - begin));
  }
}

void FileWriter::WriteTo(std::size_t f, std::uint64_t offset, std::string_view bytes) {
  const PlannedFile& file = plan_.files[f];
  Writing& open = *writing_[f];
  absl::Status status;
  int fd = -1;
  {
    MutexLock lock(open.mutex);
    if (file.rendering != Rendering::kNone) {
      if (open.whole.size() < offset + bytes.size()) open.whole.resize(offset + bytes.size());
      bytes.copy(open.whole.data() + offset, bytes.size());
    } else {
      if (!open.fd.valid()) {
        absl::StatusOr<UniqueFd> created = CreateNewFile(file.path, file.is_executable);
        status = created.status();
        if (created.ok()) open.fd = *std::move(created);
      }
      fd = open.fd.get();
    }
  }
  if (status.ok() && fd >= 0) {
    status = WriteAllAt(fd, bytes, offset);
    bytes_written_ += bytes.size();
  }
  if (!status.ok()) Fail(f, status);
  if (open.pieces_left.fetch_sub(1) == 1) FinishFile(f);
}

void FileWriter::FinishFile(std::size_t f) {
  const PlannedFile& file = plan_.files[f];
  Writing& open = *writing_[f];
  MutexLock lock(open.mutex);
  absl::Status status;
  if (file.rendering != Rendering::kNone) {
    const auto roots = folders_.RootsFor(records_[file.unit].package);
    absl::StatusOr<std::string> text =
        roots.ok() ? Render(file.rendering, open.whole, *roots)
                   : absl::StatusOr<std::string>(roots.status());
    status = text.ok() ? WriteWhole(file, *text) : text.status();
    open.whole = {};
  } else if (open.fd.valid()) {
    status = SetTimes(open.fd.get(), file.time);
    open.fd.Reset();
    ++files_written_;
  }
  if (!status.ok()) Fail(f, status);
}

}  // namespace depcache::client
