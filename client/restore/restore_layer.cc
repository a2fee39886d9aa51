#include "client/restore/restore_layer.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include <unistd.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/thread_pool.h"
#include "client/restore/file_writer.h"
#include "client/restore/new_file.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

// Frames waiting for a thread: at most about this many megabytes.
constexpr std::size_t kMaxQueuedFrames = 32;

std::size_t WriterThreads() { return std::clamp(std::thread::hardware_concurrency(), 1U, 8U); }

// Known files that one task writes.
constexpr std::size_t kKnownPerTask = 64;

// Receives all wanted blobs and writes them on several threads, with the files
// whose content is known.
absl::Status WriteFiles(FileWriter& writer, std::size_t files, BlobStream& blobs, const RestoreProgress& progress,
                        RestoreResult& result) {
  const std::vector<Digest>& wanted = writer.wanted();
  std::uint64_t total = 0;
  for (const Digest& blob : wanted) total += blob.size_bytes;
  std::uint64_t done = 0;
  std::size_t delivered = 0;
  absl::Status status;
  {
    ThreadPool pool(WriterThreads(), kMaxQueuedFrames);
    for (std::size_t first = 0; first < files; first += kKnownPerTask) {
      pool.Add([&writer, first] { writer.WriteKnown(first, kKnownPerTask); });
    }
    status = blobs.Read(wanted, [&](std::size_t index, absl::StatusOr<std::string> frame) {
      if (frame.ok()) result.bytes_received += frame->size();
      done += wanted[index].size_bytes;
      delivered = index + 1;
      auto shared = std::make_shared<absl::StatusOr<std::string>>(std::move(frame));
      pool.Add([&writer, index, shared] { writer.Deliver(index, std::move(*shared)); });
      progress(done, total);
      return !IsInterrupted();
    });
  }
  if (IsInterrupted()) return Cancelled("interrupted");
  if (status.ok()) return absl::OkStatus();
  for (; delivered < wanted.size(); ++delivered) writer.Deliver(delivered, status);
  return absl::OkStatus();
}

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
                                           const MachineFolders& folders, BlobStream& blobs,
                                           const RestoreProgress& progress) {
  RestoreResult result;
  FileWriter writer(plan, records, folders);
  absl::Status status = writer.Prepare();
  if (status.ok()) status = WriteFiles(writer, plan.files.size(), blobs, progress, result);
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
