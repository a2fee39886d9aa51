#include "client/capture/captured_blob.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;

TEST(ReadBlobTest, ReadsAPieceOfAFileOrMemory) {
  const TestFolder folder;
  const std::string file = folder.Write("f", "0123456789");
  EXPECT_THAT(ReadBlob({DigestOf("345"), file, 3, nullptr}), IsOkAndHolds("345"));
  EXPECT_THAT(ReadBlob({DigestOf("mem"), {}, 0, std::make_shared<std::string>("mem")}),
              IsOkAndHolds("mem"));
}

TEST(ReadBlobTest, AFileThatChangedShrankOrWentIsNoticed) {
  const TestFolder folder;
  const std::string file = folder.Write("f", "0123456789");
  const CapturedBlob blob{DigestOf("0123456789"), file, 0, nullptr};
  EXPECT_THAT(ReadBlob(blob), IsOkAndHolds("0123456789"));
  folder.Write("f", "0123456780");
  EXPECT_THAT(ReadBlob(blob), StatusIs(absl::StatusCode::kDataLoss));
  folder.Write("f", "01234");
  EXPECT_THAT(ReadBlob(blob), StatusIs(absl::StatusCode::kDataLoss));
  std::filesystem::remove(file);
  EXPECT_THAT(ReadBlob(blob), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::client
