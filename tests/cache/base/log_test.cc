#include "cache/base/log.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class LogTest : public ::testing::Test {
 protected:
  void TearDown() override { SetLogLevel(LogLevel::kInfo); }
};

TEST_F(LogTest, NamesOfLevels) {
  EXPECT_THAT(ParseLogLevel("debug"), IsOkAndHolds(LogLevel::kDebug));
  EXPECT_THAT(ParseLogLevel("info"), IsOkAndHolds(LogLevel::kInfo));
  EXPECT_THAT(ParseLogLevel("warn"), IsOkAndHolds(LogLevel::kWarn));
  EXPECT_THAT(ParseLogLevel("error"), IsOkAndHolds(LogLevel::kError));
  EXPECT_THAT(ParseLogLevel("off"), IsOkAndHolds(LogLevel::kOff));
  EXPECT_THAT(ParseLogLevel("INFO"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LogTest, LinesHaveTimeLevelAndText) {
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "stored {} blobs", 3);
  FlushLog();
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z info stored 3 blobs\n"));
}

TEST_F(LogTest, WhatIsBelowTheLevelIsDropped) {
  SetLogLevel(LogLevel::kWarn);
  EXPECT_FALSE(IsLogged(LogLevel::kInfo));
  EXPECT_TRUE(IsLogged(LogLevel::kError));
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "quiet");
  Log(LogLevel::kError, "loud {{}}");
  FlushLog();
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  EXPECT_THAT(text, HasSubstr("loud {}"));
}

TEST_F(LogTest, ALineIsNoFormat) {
  ::testing::internal::CaptureStderr();
  LogLine(LogLevel::kWarn, "{} %s {0}");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("{} %s {0}"));
}

}  // namespace
}  // namespace depcache::testing
