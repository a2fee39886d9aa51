#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <absl/status/status.h>

#include "cache/base/digest.h"
#include "cache/base/files.h"
#include "cache/base/mutex.h"
#include "client/restore/restore_plan.h"

namespace depcache::client {

// Writes the files of a plan as their blobs arrive, in any order and from
// several threads. Every blob is checked against its name before a byte of it
// is written. Files are made new, never written through: what was there under
// the name, and other links to it, keep their content.
//
// Thread-safe, except Prepare and the results.
class FileWriter {
 public:
  // `plan` and `folders` must outlive this object.
  FileWriter(const RestorePlan& plan, std::span<const UnitRecord> records,
             const MachineFolders& folders);
  ~FileWriter();

  // Makes folders, and wipes what is left of units that will be written.
  absl::Status Prepare();

  // After Prepare: of the plan's files [first, first + count), writes those
  // whose content is known already, and links. Failures are kept per unit.
  void WriteKnown(std::size_t first, std::size_t count);

  // The blobs to fetch, each once, in the order they are best asked for.
  const std::vector<Digest>& wanted() const { return wanted_; }

  // A frame of wanted()[index], or why it cannot be had. Failures are kept per
  // unit: they do not stop the others.
  void Deliver(std::size_t index, absl::StatusOr<std::string> frame);
  // The same with bytes from elsewhere. False if they are not the blob: nothing
  // was done then, and it is still to be delivered.
  bool DeliverPlain(std::size_t index, std::string_view plain);

  // What went wrong with a unit's files; OK if all are written. After all
  // blobs were delivered.
  const absl::Status& UnitStatus(std::size_t unit) const { return unit_status_[unit]; }

  std::uint64_t files_written() const { return files_written_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  struct Writing;
  struct Use {
    std::size_t file;
    std::uint64_t offset;
  };

  void Fail(std::size_t file, const absl::Status& status);
  void WriteUse(const Use& use, std::string_view plain);
  void WriteTo(std::size_t file, std::uint64_t offset, std::string_view bytes);
  void FinishFile(std::size_t file);
  absl::Status WriteWhole(const PlannedFile& file, std::string_view bytes);
  absl::Status MakeFolder(const std::filesystem::path& folder);
  absl::Status WriteKnown(const PlannedFile& file);

  const RestorePlan& plan_;
  const std::span<const UnitRecord> records_;
  const MachineFolders& folders_;
  std::vector<Digest> wanted_;
  std::vector<std::vector<Use>> uses_;            // per wanted blob
  std::vector<std::vector<std::size_t>> slices_;  // per file: files that are slices of it
  std::vector<std::unique_ptr<Writing>> writing_;   // per file; null where bytes are known

  std::atomic<std::uint64_t> files_written_ = 0;
  std::atomic<std::uint64_t> bytes_written_ = 0;
  Mutex mutex_;
  std::vector<absl::Status> unit_status_;  // written under mutex_
  std::unordered_map<std::string, bool> made_folders_;
};

}  // namespace depcache::client
