#include "cache/store/rocksdb/events.h"

#include <cstdarg>
#include <cstdio>

#include "cache/base/check.h"
#include "cache/base/log.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxLineBytes = 2048;

thread_local bool t_is_merging = false;

class LogBridge final : public rocksdb::Logger {
 public:
  LogBridge()
      : rocksdb::Logger(IsLogged(LogLevel::kDebug) ? rocksdb::InfoLogLevel::INFO_LEVEL
                                                   : rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;

  // Lines of the level INFO, or without one.
  void Logv(const char* format, va_list arguments) override {
    Write(LogLevel::kDebug, format, arguments);
  }

  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    const bool is_bad =
        level >= rocksdb::InfoLogLevel::WARN_LEVEL && level != rocksdb::InfoLogLevel::HEADER_LEVEL;
    Write(is_bad ? LogLevel::kWarn : LogLevel::kDebug, format, arguments);
  }

 private:
  static void Write(LogLevel level, const char* format, va_list arguments) {
    if (!IsLogged(level)) return;
    char line[kMaxLineBytes];
    std::vsnprintf(line, sizeof line, format, arguments);
    std::string_view text = line;
    while (text.ends_with('\n')) text.remove_suffix(1);
    Log(level, "rocksdb: {}", text);
  }
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeRocksDbLogger() { return std::make_shared<LogBridge>(); }

void BackgroundErrors::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                         rocksdb::Status* error) {
  if (reason == rocksdb::BackgroundErrorReason::kCompaction &&
      (t_is_merging || error->IsNoSpace())) {
    *error = rocksdb::Status::OK();
    return;
  }
  has_error_.store(true, std::memory_order_release);
  Log(LogLevel::kError, "the store refuses writes: {}", error->ToString());
}

void BackgroundErrors::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                                            rocksdb::Status /*error*/, bool* auto_recovery) {
  *auto_recovery = false;
}

ScopedMerge::ScopedMerge() {
  DEPCACHE_CHECK(!t_is_merging);
  t_is_merging = true;
}

ScopedMerge::~ScopedMerge() { t_is_merging = false; }

}  // namespace depcache
