// What RocksDB tells us: log lines and background errors, into our own log.

#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

namespace depcache {

// RocksDB's warnings and errors as our warnings, the rest as debug lines.
//
// Not a nicety: with RocksDB's own log file a full disk makes the next log line
// hit an assertion, which Debian's build keeps, and the process dies.
std::shared_ptr<rocksdb::Logger> MakeRocksDbLogger();

// Watches for errors after which RocksDB refuses writes. A compaction which
// finds the disk full is none: RocksDB tries it again.
//
// RocksDB's own recovery from a full disk is switched off: that waits for more
// space than is needed, one write buffer for each column family there ever was.
// CommitLane resumes instead, when somebody wants to write again.
//
// Thread-safe.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  // True after an error, until Clear.
  bool has_error() const { return has_error_.load(std::memory_order_acquire); }
  void Clear() { has_error_.store(false, std::memory_order_release); }

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;

 private:
  std::atomic<bool> has_error_ = false;
};

// While one lives, a compaction that fails on this thread is not held against
// the database: its files stay as they are and writes go on. For merges of
// payload files, where a damaged blob must cost that blob and nothing else.
// One per thread at a time.
class ScopedMerge {
 public:
  ScopedMerge();
  ~ScopedMerge();
  ScopedMerge(const ScopedMerge&) = delete;
  ScopedMerge& operator=(const ScopedMerge&) = delete;
};

}  // namespace depcache
