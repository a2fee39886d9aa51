#include "cache/store/rocksdb/database.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <sys/statvfs.h>

#include <rocksdb/cache.h>

#include "cache/base/files.h"
#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/keys.h"
#include "cache/store/rocksdb/options.h"

namespace depcache {
namespace {

constexpr std::array<std::string_view, kFamilyCount> kFamilyNames = {
    "default", "blob_index", "blob_ref", "layer", "unit", "package", "report"};
// What a flush of nearly nothing needs: a table, a log, a line of the MANIFEST.
constexpr std::uint64_t kFlushSlackBytes = 1 << 20;
constexpr std::chrono::microseconds kFlushLook{500};
// Enough for a MANIFEST.
constexpr std::uint64_t kBallastBytes = 2 << 20;
constexpr std::string_view kBallastName = "ballast";
// Log files, and bytes to replay at open: half a second of it at most.
constexpr int kMaxLogs = 64;
constexpr std::uint64_t kMaxLoggedBytes = 4 << 20;

absl::StatusOr<std::uint64_t> FreeBytes(const std::filesystem::path& folder) {
  struct statvfs stats = {};
  if (statvfs(folder.c_str(), &stats) != 0) {
    return FromErrno(errno, fmt::format("ask for the free space of {}", folder.native()));
  }
  return static_cast<std::uint64_t>(stats.f_bavail) * stats.f_frsize;
}

// True if the folder has tables but not the file which says what they are. To
// RocksDB that is an empty folder, and it would delete them.
bool IsHeadless(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "CURRENT", error) || error) return false;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".sst") return true;
  }
  return false;
}

absl::Status FromOpen(const rocksdb::Status& status, const std::filesystem::path& folder) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("/LOCK: ") != std::string::npos) {
    return FailedPrecondition("store {} is in use by another process ({})", folder.native(), text);
  }
  // What names a column family or a comparator we do not have was written by
  // somebody else; the rest of these is damage.
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsNotFound() ||
      status.IsPathNotFound() || status.IsNotSupported()) {
    return DataLoss("store {} is damaged; move it away to start with an empty one ({})",
                    folder.native(), text);
  }
  return FromRocksDb(status, fmt::format("open store {}", folder.native()));
}

}  // namespace

absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view action) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return ResourceExhausted("cannot {}: {}", action, status.ToString());
  }
  return Unavailable("cannot {}: {}", action, status.ToString());
}

Database::Database(const RocksDbOptions& options, std::shared_ptr<BackgroundErrors> errors)
    : options_(options),
      errors_(std::move(errors)),
      ballast_(options.folder / kBallastName, kBallastBytes) {}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : families_) db_->DestroyColumnFamilyHandle(handle);
  for (const FoundGeneration& found : found_) db_->DestroyColumnFamilyHandle(found.handle);
  if (db_ == nullptr) return;
  const rocksdb::Status closed = db_->Close();
  if (!closed.ok()) Log(LogLevel::kWarn, "closing the store: {}", closed.ToString());
}

absl::StatusOr<std::shared_ptr<Database>> Database::Open(const RocksDbOptions& options) {
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(options.folder));
  if (IsHeadless(options.folder)) {
    return DataLoss(
        "store {} is damaged: it has no CURRENT; move it away to start with an empty one",
        options.folder.native());
  }
  std::vector<std::string> found;
  std::error_code error;
  if (std::filesystem::exists(options.folder / "CURRENT", error)) {
    const rocksdb::Status listed =
        rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), options.folder.native(), &found);
    if (!listed.ok()) return FromOpen(listed, options.folder);
  }
  std::shared_ptr<Database> database(new Database(options, std::make_shared<BackgroundErrors>()));
  DEPCACHE_RETURN_IF_ERROR(database->OpenFamilies(found));
  DEPCACHE_RETURN_IF_ERROR(database->CheckSchema());
  return database;
}

absl::Status Database::OpenFamilies(const std::vector<std::string>& found) {
  const auto row_cache = rocksdb::NewLRUCache(options_.block_cache_bytes / 4);
  const auto payload_cache = rocksdb::NewLRUCache(options_.block_cache_bytes / 4 * 3);
  payload_options_ = MakePayloadOptions(payload_cache);

  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  for (int i = 0; i < kFamilyCount; ++i) {
    const bool is_entry = i >= static_cast<int>(Family::kLayer);
    wanted.emplace_back(std::string(kFamilyNames[static_cast<std::size_t>(i)]),
                        is_entry ? MakeEntryOptions(row_cache) : MakeRowOptions(row_cache));
  }
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : found) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) != kFamilyNames.end()) continue;
    const std::optional<std::uint32_t> number = ParseGenerationName(name);
    // RocksDB opens all or none. One of a later version is refused by its
    // schema, when that can be read.
    wanted.emplace_back(name, number ? payload_options_ : rocksdb::ColumnFamilyOptions());
    numbers.push_back(number.value_or(0));
  }

  rocksdb::DBOptions db_options = MakeDbOptions();
  db_options.info_log = MakeRocksDbLogger();
  db_options.listeners = {errors_};
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status opened =
      rocksdb::DB::Open(db_options, options_.folder.native(), wanted, &handles, &db);
  if (!opened.ok()) return FromOpen(opened, options_.folder);
  db_.reset(db);
  families_.assign(handles.begin(), handles.begin() + kFamilyCount);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    found_.push_back(FoundGeneration{numbers[i], handles[kFamilyCount + i]});
  }
  return absl::OkStatus();
}

absl::Status Database::CheckSchema() {
  std::string value;
  const rocksdb::Status read =
      db_->Get(rocksdb::ReadOptions(), family(Family::kState), ToSlice(kSchemaKey), &value);
  if (read.IsNotFound() && found_.empty()) {
    rocksdb::WriteBatch batch;
    const std::string version = EncodeSchemaVersion(kSchemaVersion);
    const rocksdb::Status put =
        batch.Put(family(Family::kState), ToSlice(kSchemaKey), ToSlice(version));
    DEPCACHE_RETURN_IF_ERROR(FromRocksDb(put, "write the schema"));
    DEPCACHE_RETURN_IF_ERROR(Write(batch, Durability::kNow));
    // Out of the log, so that a lost log does not make the store unreadable.
    return Flush({family(Family::kState)});
  }
  if (!read.ok() && !read.IsNotFound()) return FromOpen(read, options_.folder);
  const absl::StatusOr<std::uint32_t> version = DecodeSchemaVersion(value);
  if (!version.ok()) {
    return DataLoss("store {} is damaged: it does not say its version", options_.folder.native());
  }
  if (*version != kSchemaVersion) {
    return FailedPrecondition("store {} has schema version {}, this program knows version {}",
                              options_.folder.native(), *version, kSchemaVersion);
  }
  for (const FoundGeneration& generation : found_) {
    if (generation.number != 0) continue;
    return FailedPrecondition("store {} has the unknown column family '{}'",
                              options_.folder.native(), generation.handle->GetName());
  }
  return absl::OkStatus();
}

std::vector<FoundGeneration> Database::TakeGenerations() { return std::exchange(found_, {}); }

absl::Status Database::EnsureSpace() {
  if (options_.min_free_bytes > 0) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::uint64_t free_bytes, FreeBytes(options_.folder));
    if (free_bytes < options_.min_free_bytes) {
      return ResourceExhausted("{} has {} bytes of free space, {} are to be kept",
                               options_.folder.native(), free_bytes, options_.min_free_bytes);
    }
  }
  ballast_.Take();
  return absl::OkStatus();
}

bool Database::HasRoomFor(std::uint64_t bytes) const {
  const absl::StatusOr<std::uint64_t> free_bytes = FreeBytes(options_.folder);
  return free_bytes.ok() && *free_bytes >= options_.min_free_bytes &&
         *free_bytes - options_.min_free_bytes >= bytes + kFlushSlackBytes;
}

absl::Status Database::Resume() {
  if (!has_error()) return absl::OkStatus();
  // Resuming writes all buffers out. Without the room for it there would only
  // be the next error.
  std::uint64_t unflushed = 0;
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &unflushed);
  DEPCACHE_ASSIGN_OR_RETURN(const std::uint64_t free_bytes, FreeBytes(options_.folder));
  if (free_bytes < unflushed + kFlushSlackBytes) {
    return ResourceExhausted("the disk of {} is full: {} bytes free, {} needed",
                             options_.folder.native(), free_bytes, unflushed + kFlushSlackBytes);
  }
  const rocksdb::Status resumed = db_->Resume();
  if (!resumed.ok()) return FromRocksDb(resumed, "write again after an error");
  deletions_off_ = 0;  // Resume switched them on
  errors_->Clear();
  return absl::OkStatus();
}

absl::Status Database::KeepSomethingUnflushed() {
  std::uint64_t entries = 0;
  db_->GetIntProperty(family(Family::kState), rocksdb::DB::Properties::kNumEntriesActiveMemTable,
                      &entries);
  if (entries > 0) return absl::OkStatus();
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return FromRocksDb(db_->Put(options, family(Family::kState), ToSlice(kUnflushedKey), ""),
                     "write rows");
}

absl::Status Database::Write(rocksdb::WriteBatch& batch, Durability durability) {
  DEPCACHE_RETURN_IF_ERROR(KeepSomethingUnflushed());
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kNow;
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(db_->Write(options, &batch), "write rows"));
  logged_bytes_ += batch.GetDataSize();
  // What was to be written is: a failure here is the next writer's.
  if (logged_bytes_ >= kMaxLoggedBytes || flushes_since_rows_ >= kMaxLogs) {
    FlushRows().IgnoreError();
  }
  return absl::OkStatus();
}

absl::Status Database::Flush(const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  // Each begins another log; the old ones stay until the rows are flushed.
  ++flushes_since_rows_;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(db_->Flush(options, families), "flush"));
  return WaitForFlush(families);
}

// RocksDB's own wait never ends when a flush fails while its recovery from a
// full disk is switched off: nobody tries again, and nobody wakes the caller.
absl::Status Database::WaitForFlush(const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  const auto is_flushed = [&](rocksdb::ColumnFamilyHandle* family) {
    std::uint64_t waiting = 0;
    db_->GetIntProperty(family, rocksdb::DB::Properties::kNumImmutableMemTable, &waiting);
    return waiting == 0;
  };
  while (!std::all_of(families.begin(), families.end(), is_flushed)) {
    if (has_error()) {
      const absl::StatusOr<std::uint64_t> free_bytes = FreeBytes(options_.folder);
      if (free_bytes.ok() && *free_bytes < kFlushSlackBytes) {
        return ResourceExhausted("flush: the disk of {} is full", options_.folder.native());
      }
      return Unavailable("flush: {} cannot be written", options_.folder.native());
    }
    std::this_thread::sleep_for(kFlushLook);
  }
  return absl::OkStatus();
}

absl::Status Database::FlushRows() {
  DEPCACHE_RETURN_IF_ERROR(Flush(families_));
  logged_bytes_ = 0;
  flushes_since_rows_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<rocksdb::ColumnFamilyHandle*> Database::CreateGeneration(std::uint32_t number) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  DEPCACHE_RETURN_IF_ERROR(ChangeFamilies("open a generation", [&] {
    return db_->CreateColumnFamily(payload_options_, GenerationName(number), &handle);
  }));
  return handle;
}

absl::Status Database::DropGeneration(rocksdb::ColumnFamilyHandle* handle) {
  const absl::StatusOr<std::uint64_t> free_bytes = FreeBytes(options_.folder);
  if (!free_bytes.ok() || *free_bytes < kFlushSlackBytes) ballast_.Release();
  return ChangeFamilies("drop a generation", [&] { return db_->DropColumnFamily(handle); });
}

absl::Status Database::ChangeFamilies(std::string_view action,
                                      const std::function<rocksdb::Status()>& change) {
  // After an error RocksDB itself may have switched deletions off, which would
  // keep the space of what is dropped. Once the change is written they can go
  // on; without an error, only what was switched off here is switched on.
  const bool had_error = errors_->has_error();
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(db_->DisableFileDeletions(), action));
  ++deletions_off_;
  // On failure deletions stay off, until a later change or Resume succeeds.
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(change(), action));
  for (; deletions_off_ > 0; --deletions_off_) {
    DEPCACHE_RETURN_IF_ERROR(FromRocksDb(db_->EnableFileDeletions(had_error), action));
  }
  return absl::OkStatus();
}

}  // namespace depcache
