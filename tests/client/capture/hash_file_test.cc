#include "client/capture/hash_file.h"

#include <gtest/gtest.h>

#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::TestFolder;

TEST(HashFileTest, WholeMeansSixteenDigits) {
  const TestFolder folder;
  EXPECT_EQ(ReadHashFileState(folder / "lib-a"), std::nullopt);
  EXPECT_FALSE(IsWhole(ReadHashFileState(folder / "lib-a")));
  folder.Write("lib-a", "");
  EXPECT_FALSE(IsWhole(ReadHashFileState(folder / "lib-a")));
  folder.Write("lib-a", "0123456789abcdef");
  EXPECT_TRUE(IsWhole(ReadHashFileState(folder / "lib-a")));
}

TEST(HashFileTest, WritingItAgainIsAnotherState) {
  const TestFolder folder;
  folder.Write("lib-a", "0123456789abcdef");
  std::filesystem::last_write_time(folder / "lib-a", std::filesystem::file_time_type{});
  const auto before = ReadHashFileState(folder / "lib-a");
  EXPECT_EQ(ReadHashFileState(folder / "lib-a"), before);
  folder.Write("lib-a", "0123456789abcdef");
  EXPECT_NE(ReadHashFileState(folder / "lib-a"), before);
}

}  // namespace
}  // namespace depcache::client
