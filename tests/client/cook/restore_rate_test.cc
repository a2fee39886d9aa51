#include "client/cook/restore_rate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "cache/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;

class RestoreRateTest : public ::testing::Test {
 protected:
  const ::depcache::testing::TestFolder folder_;
  const fs::path cache_ = folder_.path() / "cache";
};

TEST_F(RestoreRateTest, IsTheMeanOfWhatIsKnownAndWhatIsMeasured) {
  EXPECT_EQ(ReadRestoreRate(cache_, "s"), std::nullopt);
  ASSERT_THAT(NoteRestoreRate(cache_, "s", 1000, std::chrono::seconds(2)), IsOk());
  EXPECT_EQ(ReadRestoreRate(cache_, "s"), 500);
  ASSERT_THAT(NoteRestoreRate(cache_, "s", 1500, std::chrono::seconds(1)), IsOk());
  EXPECT_EQ(ReadRestoreRate(cache_, "s"), 1000);
  EXPECT_EQ(ReadRestoreRate(cache_, "another"), std::nullopt);
}

TEST_F(RestoreRateTest, AFileThatIsNoneOfOursSaysNothingAndIsReplaced) {
  for (const char* text : {"", "[1]", "{\"s\": \"fast\"}", "{\"s\": -1}", "{\"s\": 0}", "\xff"}) {
    ASSERT_THAT(CreateDirectories(cache_), IsOk());
    ASSERT_THAT(WriteFileAtomic(cache_ / "rates", text), IsOk());
    EXPECT_EQ(ReadRestoreRate(cache_, "s"), std::nullopt) << text;
    ASSERT_THAT(NoteRestoreRate(cache_, "s", 1000, std::chrono::seconds(1)), IsOk());
    EXPECT_EQ(ReadRestoreRate(cache_, "s"), 1000) << text;
  }
}

TEST_F(RestoreRateTest, WithoutACacheFolderNothingIsNoted) {
  ASSERT_THAT(NoteRestoreRate("", "s", 1000, std::chrono::seconds(1)), IsOk());
  EXPECT_EQ(ReadRestoreRate("", "s"), std::nullopt);
}

TEST_F(RestoreRateTest, OnlySoManyServersAreRemembered) {
  for (int i = 0; i < 250; ++i) {
    const std::string server = fmt::format("server {}", i);
    ASSERT_THAT(NoteRestoreRate(cache_, server, 1000, std::chrono::seconds(1)), IsOk());
  }
  EXPECT_LT(fs::file_size(cache_ / "rates"), 5000U);
  EXPECT_EQ(ReadRestoreRate(cache_, "server 249"), 1000);
}

}  // namespace
}  // namespace depcache::client
