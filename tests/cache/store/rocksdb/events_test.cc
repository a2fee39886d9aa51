#include "cache/store/rocksdb/events.h"

#include <string>

#include <gtest/gtest.h>

#include "cache/base/log.h"

namespace depcache::testing {
namespace {

TEST(RocksDbLoggerTest, LinesOfAnyLengthAndLevelAreTaken) {
  SetLogLevel(LogLevel::kOff);
  const auto logger = MakeRocksDbLogger();
  const std::string line(100'000, 'x');
  for (const auto level :
       {rocksdb::InfoLogLevel::DEBUG_LEVEL, rocksdb::InfoLogLevel::INFO_LEVEL,
        rocksdb::InfoLogLevel::WARN_LEVEL, rocksdb::InfoLogLevel::ERROR_LEVEL,
        rocksdb::InfoLogLevel::FATAL_LEVEL, rocksdb::InfoLogLevel::HEADER_LEVEL}) {
    rocksdb::Log(level, logger, "%s\n", line.c_str());
  }
  rocksdb::Log(logger, "%s", "without a level");
  SetLogLevel(LogLevel::kInfo);
}

TEST(RocksDbLoggerTest, WarningsAreLoggedAndTheRestIsNot) {
  const auto logger = MakeRocksDbLogger();
  ::testing::internal::CaptureStderr();
  rocksdb::Log(rocksdb::InfoLogLevel::INFO_LEVEL, logger, "an info %d", 1);
  rocksdb::Log(rocksdb::InfoLogLevel::HEADER_LEVEL, logger, "a header %d", 2);
  rocksdb::Log(rocksdb::InfoLogLevel::WARN_LEVEL, logger, "a warning %d\n", 3);
  rocksdb::Log(rocksdb::InfoLogLevel::ERROR_LEVEL, logger, "an error %d\n", 4);
  FlushLog();
  const std::string got = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(got.find("an info"), std::string::npos) << got;
  EXPECT_EQ(got.find("a header"), std::string::npos) << got;
  EXPECT_NE(got.find("rocksdb: a warning 3\n"), std::string::npos) << got;
  EXPECT_NE(got.find("rocksdb: an error 4\n"), std::string::npos) << got;
}

class BackgroundErrorsTest : public ::testing::Test {
 protected:
  // What is left of an error after the listener saw it.
  rocksdb::Status Report(rocksdb::BackgroundErrorReason reason) {
    rocksdb::Status status = rocksdb::Status::Corruption("damaged");
    errors_.OnBackgroundError(reason, &status);
    return status;
  }
  BackgroundErrors errors_;
};

TEST_F(BackgroundErrorsTest, ErrorIsSeenUntilCleared) {
  EXPECT_FALSE(errors_.has_error());
  EXPECT_TRUE(Report(rocksdb::BackgroundErrorReason::kFlush).IsCorruption());
  EXPECT_TRUE(errors_.has_error());
  errors_.Clear();
  EXPECT_FALSE(errors_.has_error());
}

TEST_F(BackgroundErrorsTest, FailedMergeIsNotHeldAgainstTheDatabase) {
  {
    const ScopedMerge merge;
    EXPECT_TRUE(Report(rocksdb::BackgroundErrorReason::kCompaction).ok());
    EXPECT_FALSE(errors_.has_error());
    EXPECT_FALSE(Report(rocksdb::BackgroundErrorReason::kManifestWrite).ok());
    EXPECT_TRUE(errors_.has_error());
  }
  EXPECT_FALSE(Report(rocksdb::BackgroundErrorReason::kCompaction).ok());
}

TEST_F(BackgroundErrorsTest, RocksDbsOwnRecoveryIsSwitchedOff) {
  bool auto_recovery = true;
  errors_.OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason::kFlush,
                               rocksdb::Status::NoSpace("full"), &auto_recovery);
  EXPECT_FALSE(auto_recovery);
}

}  // namespace
}  // namespace depcache::testing
