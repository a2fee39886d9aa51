#include "server/rpc/health_probe.h"

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::server {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

constexpr std::chrono::seconds kBound{20};  // never waited for in full

// A server with nothing but gRPC's own health service.
class HealthProbeTest : public ::testing::Test {
 protected:
  HealthProbeTest() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    // gRPC starts no server whose health service would be alone.
    builder.RegisterCallbackGenericService(&nothing_else_);
    server_ = builder.BuildAndStart();
  }

  std::string Target() const { return "127.0.0.1:" + std::to_string(port_); }

  int port_ = 0;
  grpc::CallbackGenericService nothing_else_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(HealthProbeTest, AServerThatServesIsHealthy) {
  server_->GetHealthCheckService()->SetServingStatus(true);
  EXPECT_THAT(ProbeHealth(Target(), false, kBound), IsOk());
}

TEST_F(HealthProbeTest, AServerThatStopsIsNot) {
  server_->GetHealthCheckService()->SetServingStatus(false);
  const absl::Status status = ProbeHealth(Target(), false, kBound);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("does not serve"));
}

TEST_F(HealthProbeTest, NobodyThereIsNot) {
  const std::string target = Target();
  server_->Shutdown();
  EXPECT_THAT(ProbeHealth(target, false, kBound), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(ProbeTargetTest, AllAddressesAreAskedOnLoopback) {
  EXPECT_EQ(ProbeTarget("0.0.0.0:7450"), "127.0.0.1:7450");
  EXPECT_EQ(ProbeTarget("[::]:7450"), "127.0.0.1:7450");
  EXPECT_EQ(ProbeTarget("10.1.2.3:80"), "10.1.2.3:80");
  EXPECT_EQ(ProbeTarget("[::1]:80"), "[::1]:80");
}

}  // namespace
}  // namespace depcache::server
