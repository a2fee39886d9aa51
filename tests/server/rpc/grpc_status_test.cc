#include "server/rpc/grpc_status.h"

#include <gtest/gtest.h>

#include "cache/base/log.h"
#include "cache/base/status.h"

namespace depcache::server {
namespace {

TEST(GrpcStatusTest, CodesHaveTheSameNumbers) {
  SetLogLevel(LogLevel::kOff);
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status = MakeStatus(static_cast<absl::StatusCode>(code), "why");
    EXPECT_EQ(static_cast<int>(ToGrpcStatus(status).error_code()), code);
  }
  SetLogLevel(LogLevel::kInfo);
}

TEST(GrpcStatusTest, MessagesForTheCallerGoThrough) {
  EXPECT_EQ(ToGrpcStatus(NotFound("no layer")).error_message(), "no layer");
  EXPECT_EQ(ToGrpcStatus(Unavailable("later")).error_message(), "later");
}

TEST(GrpcStatusTest, InternalsStayInTheLog) {
  for (const auto code : {absl::StatusCode::kInternal, absl::StatusCode::kUnknown}) {
    ::testing::internal::CaptureStderr();
    const grpc::Status status = ToGrpcStatus(MakeStatus(code, "cannot open /srv/secret"));
    FlushLog();
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(status.error_message(), "internal error; the server's log says more");
    EXPECT_NE(log.find("/srv/secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace depcache::server
