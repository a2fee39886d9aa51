#include "cache/base/status.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

TEST(StatusTest, MessagesAreFormatted) {
  const absl::Status status = NotFound("no {} in {}", "layer", 3);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(MessageOf(status), "no layer in 3");
  EXPECT_EQ(ToText(status), "NOT_FOUND: no layer in 3");
  EXPECT_EQ(ToText(absl::OkStatus()), "OK");
}

TEST(StatusTest, AnnotateKeepsTheCode) {
  const absl::Status status = Annotate(DataLoss("bad"), "blob a");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(MessageOf(status), "blob a: bad");
  EXPECT_THAT(Annotate(absl::OkStatus(), "blob a"), IsOk());
}

TEST(StatusTest, ErrnoBecomesACodeTheCallerCanUse) {
  const auto code = [](int error) { return FromErrno(error, "open /a").code(); };
  EXPECT_EQ(code(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(ENOTDIR), absl::StatusCode::kNotFound);
  for (const int error : {EACCES, EPERM, EROFS}) {
    EXPECT_EQ(code(error), absl::StatusCode::kPermissionDenied);
  }
  for (const int error : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM}) {
    EXPECT_EQ(code(error), absl::StatusCode::kResourceExhausted);
  }
  EXPECT_EQ(code(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(EINVAL), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(EIO), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(FromErrno(ENOENT, "open /a")), "cannot open /a: No such file or directory");
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return InvalidArgument("{} is odd", number);
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  DEPCACHE_ASSIGN_OR_RETURN(const int half, Half(number));
  DEPCACHE_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

absl::Status IsQuarterable(int number) {
  DEPCACHE_RETURN_IF_ERROR(Quarter(number).status());
  return absl::OkStatus();
}

TEST(StatusTest, MacrosReturnTheFirstError) {
  EXPECT_THAT(Quarter(8), IsOkAndHolds(2));
  EXPECT_EQ(MessageOf(Quarter(6).status()), "3 is odd");
  EXPECT_EQ(MessageOf(Quarter(5).status()), "5 is odd");
  EXPECT_THAT(IsQuarterable(8), IsOk());
  EXPECT_EQ(MessageOf(IsQuarterable(6)), "3 is odd");
}

}  // namespace
}  // namespace depcache::testing
