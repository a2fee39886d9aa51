#include "client/restore/restore_layer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include <unistd.h>

#include "cache/base/files.h"
#include "cache/base/mutex.h"
#include "cache/base/status.h"
#include "cache/base/thread_pool.h"
#include "client/restore/file_writer.h"
#include "client/restore/new_file.h"
#include "client/restore/sibling_files.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

// Frames waiting for a thread: at most about this many megabytes.
constexpr std::size_t kMaxQueuedFrames = 32;

std::size_t WriterThreads() { return std::clamp(std::thread::hardware_concurrency(), 1U, 8U); }

// Known files that one task writes, and blobs that one copies.
constexpr std::size_t kKnownPerTask = 64;
constexpr std::size_t kCopiesPerTask = 16;

// Brings all wanted blobs to a writer, on several threads. What siblings have
// is copied while the rest is received; what turns out to be something else
// there is received after it.
class Transfer {
 public:
  Transfer(FileWriter& writer, const SiblingFiles& siblings, BlobStream& blobs,
           const RestoreProgress& progress, RestoreResult& result)
      : writer_(writer),
        siblings_(siblings),
        blobs_(blobs),
        progress_(progress),
        result_(result) {
    for (std::size_t i = 0; i < writer_.wanted().size(); ++i) {
      (siblings_.Has(writer_.wanted()[i]) ? copies_ : fetches_).push_back(i);
      total_ += writer_.wanted()[i].size_bytes;
    }
  }

  // `files`: how many the plan has. Errors: CANCELLED (interrupted).
  absl::Status Run(std::size_t files) {
    {
      ThreadPool pool(WriterThreads(), kMaxQueuedFrames);
      for (std::size_t first = 0; first < files; first += kKnownPerTask) {
        pool.Add([this, first] { writer_.WriteKnown(first, kKnownPerTask); });
      }
      for (std::size_t first = 0; first < copies_.size(); first += kCopiesPerTask) {
        pool.Add([this, first] { Copy(first); });
      }
      absl::Status status = Receive(pool, fetches_, absl::OkStatus());
      pool.Wait();
      Receive(pool, TakeLost(), status).IgnoreError();
    }
    if (IsInterrupted()) return Cancelled("interrupted");
    progress_(received_ + copied_, total_);
    result_.bytes_copied = copied_;
    return absl::OkStatus();
  }

 private:
  void Copy(std::size_t first) {
    thread_local std::string plain;
    for (std::size_t i = first; i < std::min(first + kCopiesPerTask, copies_.size()); ++i) {
      if (IsInterrupted()) return;
      const std::size_t index = copies_[i];
      const Digest& blob = writer_.wanted()[index];
      plain.resize(blob.size_bytes);
      if (siblings_.Read(blob, std::span<char>(plain)).ok() &&
          writer_.DeliverPlain(index, plain)) {
        copied_ += blob.size_bytes;
        continue;
      }
      MutexLock lock(mutex_);
      lost_.push_back(index);
    }
  }

  std::vector<std::size_t> TakeLost() {
    MutexLock lock(mutex_);
    return std::move(lost_);
  }

  // Of a stream that has broken (`before`) nothing more is asked.
  absl::Status Receive(ThreadPool& pool, const std::vector<std::size_t>& indices,
                       absl::Status before) {
    if (indices.empty() || IsInterrupted()) return before;
    std::vector<Digest> digests;
    for (const std::size_t index : indices) digests.push_back(writer_.wanted()[index]);
    std::size_t delivered = 0;
    absl::Status status = std::move(before);
    if (status.ok()) {
      status = blobs_.Read(digests, [&](std::size_t i, absl::StatusOr<std::string> frame) {
        if (frame.ok()) result_.bytes_received += frame->size();
        received_ += digests[i].size_bytes;
        delivered = i + 1;
        auto shared = std::make_shared<absl::StatusOr<std::string>>(std::move(frame));
        pool.Add([this, index = indices[i], shared] { writer_.Deliver(index, std::move(*shared)); });
        progress_(received_ + copied_, total_);
        return !IsInterrupted();
      });
    }
    if (status.ok() || IsInterrupted()) return status;
    for (; delivered < indices.size(); ++delivered) writer_.Deliver(indices[delivered], status);
    return status;
  }

  FileWriter& writer_;
  const SiblingFiles& siblings_;
  BlobStream& blobs_;
  const RestoreProgress& progress_;
  RestoreResult& result_;
  std::vector<std::size_t> copies_;   // of wanted(): those that siblings have
  std::vector<std::size_t> fetches_;  // the others
  std::uint64_t total_ = 0;           // plain bytes
  std::uint64_t received_ = 0;
  std::atomic<std::uint64_t> copied_ = 0;
  Mutex mutex_;
  std::vector<std::size_t> lost_ ABSL_GUARDED_BY(mutex_);
};

// A unit fails with its own files or with a unit it is built from.
std::vector<absl::Status> UnitOutcomes(const FileWriter& writer,
                                       std::span<const UnitRecord> records) {
  std::vector<absl::Status> outcomes(records.size());
  std::map<UnitRef, std::size_t> index;
  for (std::size_t i = 0; i < records.size(); ++i) {
    outcomes[i] = writer.UnitStatus(i);
    for (const UnitRef& dep : records[i].deps) {
      const std::size_t at = index.at(dep);
      if (outcomes[i].ok() && !outcomes[at].ok()) {
        outcomes[i] = FailedPrecondition("{} was not restored", records[at].package.name);
      }
    }
    index.emplace(UnitRef{records[i].key, OutputOf(records[i])}, i);
  }
  return outcomes;
}

absl::Status WriteFinish(const UnitFinish& unit) {
  DEPCACHE_RETURN_IF_ERROR(WriteNewFile(unit.json_path, unit.json, false, unit.time));
  // The rename makes the unit fresh: nothing of it may come after.
  const std::filesystem::path staged = unit.hash_path.native() + ".depcache";
  DEPCACHE_RETURN_IF_ERROR(WriteNewFile(staged, unit.hash_text, false, unit.time));
  std::error_code error;
  std::filesystem::rename(staged, unit.hash_path, error);
  if (error) return FromErrno(error.value(), fmt::format("rename {}", staged.native()));
  return absl::OkStatus();
}

// Makes the units fresh whose files are all there.
void FinishUnits(const RestorePlan& plan, std::vector<absl::Status>& units) {
  ThreadPool pool(WriterThreads());
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    if (!units[i].ok() || !plan.units[i].is_written) continue;
    pool.Add([&plan, &units, i] { units[i] = WriteFinish(plan.units[i]); });
  }
}

// A unit is no older than its inputs, in whole seconds: that of a file which was
// edited in this second is still to come, and what Cargo compiles before then
// would look older than what it stands on. Not for files of a later day.
void WaitForTimes(const RestorePlan& plan) {
  const auto now = std::chrono::system_clock::now();
  auto latest = now;
  for (const UnitFinish& unit : plan.units) {
    const std::chrono::system_clock::time_point time{std::chrono::seconds(unit.time)};
    if (unit.is_written && time - now <= std::chrono::seconds(1)) latest = std::max(latest, time);
  }
  std::this_thread::sleep_until(latest);
}

// Takes away what was written of units that did not come to their end.
void RemoveFiles(const RestorePlan& plan, const std::function<bool(std::size_t unit)>& is_failed) {
  for (const PlannedFile& file : plan.files) {
    if (is_failed(file.unit) && !file.is_folder) unlink(file.path.c_str());
  }
}

}  // namespace

absl::StatusOr<RestoreResult> RestoreUnits(const RestorePlan& plan,
                                           std::span<const UnitRecord> records,
                                           const MachineFolders& folders,
                                           const RestoreSource& source,
                                           const RestoreProgress& progress) {
  RestoreResult result;
  FileWriter writer(plan, records, folders);
  absl::Status status = writer.Prepare();
  if (status.ok()) {
    const SiblingFiles siblings(plan, folders.build_dir, source.siblings);
    status = Transfer(writer, siblings, source.blobs, progress, result).Run(plan.files.size());
  }
  if (!status.ok()) {
    RemoveFiles(plan, [](std::size_t) { return true; });
    return status;
  }
  result.units = UnitOutcomes(writer, records);
  FinishUnits(plan, result.units);
  WaitForTimes(plan);
  RemoveFiles(plan, [&](std::size_t unit) { return !result.units[unit].ok(); });
  result.files_written = writer.files_written();
  result.bytes_written = writer.bytes_written();
  return result;
}

}  // namespace depcache::client
