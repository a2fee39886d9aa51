#include <nlohmann/json.hpp>

#include "cache/base/clock.h"
#include "tests/client/commands/run_command.h"
#include "tests/support/fake_remote.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::testing::HasSubstr;

class DoctorTest : public CommandTest {
 protected:
  DoctorTest() {
    info_.now_unix_seconds = UnixSeconds(SystemClock().Now());
    context_.context.config.server = "cache.example";
    context_.context.open_remote =
        [this](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteCache>> {
      auto remote = std::make_unique<FakeRemote>();
      remote->info = info_;
      remote->broken = broken_;
      return remote;
    };
  }
  // What is said of one thing; nullptr if nothing is.
  nlohmann::json Finding(const std::string& what) {
    context_.terminal.out.clear();
    exit_code_ = Run({"doctor", "--json"});
    const nlohmann::json json = nlohmann::json::parse(context_.terminal.out, nullptr, false);
    EXPECT_EQ(json["ok"], exit_code_ == 0);
    for (const nlohmann::json& finding : json["findings"]) {
      if (finding["what"] == what) return finding;
    }
    return nullptr;
  }

  ServerInfo info_ = FakeRemote().info;
  absl::Status broken_;
  int exit_code_ = -1;
};

TEST_F(DoctorTest, WhatIsRightIsListedAndTheExitCodeIsZero) {
  EXPECT_EQ(Run({"doctor"}), 0) << context_.terminal.out;
  for (const char* what : {"ok   cargo ", "ok   rustc ", "ok   server ", "ok   access ",
                           "ok   clock ", "ok   fingerprint hash "}) {
    EXPECT_THAT(context_.terminal.out, HasSubstr(what));
  }
  EXPECT_THAT(context_.terminal.out, HasSubstr("tester may read and write scope main"));
}

TEST_F(DoctorTest, WithoutAServerItSaysHowToSetOne) {
  context_.context.config.server.clear();
  const nlohmann::json server = Finding("server");
  EXPECT_EQ(server["ok"], false);
  EXPECT_THAT(server["fix"], HasSubstr("DEPCACHE_SERVER"));
  EXPECT_EQ(exit_code_, 1);
}

TEST_F(DoctorTest, AWrongTokenIsToldFromAServerThatIsNotThere) {
  broken_ = Unauthenticated("the token is not known");
  EXPECT_THAT(Finding("token")["fix"], HasSubstr("DEPCACHE_TOKEN"));
  broken_ = Unavailable("connection refused");
  EXPECT_THAT(Finding("server")["detail"], HasSubstr("connection refused"));
  EXPECT_EQ(exit_code_, 1);
}

TEST_F(DoctorTest, AClockThatIsWrongAndRightsThatLackAreFound) {
  info_.now_unix_seconds -= 3600;
  EXPECT_EQ(Finding("clock")["ok"], false);
  info_.can_read = info_.can_write = false;
  EXPECT_EQ(Finding("access")["ok"], false);
  info_.speaks_our_protocol = false;
  EXPECT_EQ(Finding("server")["ok"], false);
}

TEST_F(DoctorTest, AMissingToolchainIsFoundWithoutAWorkspaceBeingOne) {
  context_.context.environment["CARGO"] = "/no/such/cargo";
  EXPECT_EQ(Finding("toolchain")["ok"], false);
  context_.context.environment.erase("CARGO");
  context_.context.cwd = folder_.path();
  EXPECT_EQ(Finding("workspace")["ok"], true);
}

TEST_F(DoctorTest, AWrapperThatIsNotKnownIsFound) {
  context_.context.environment["RUSTC_WRAPPER"] = "/opt/strange";
  EXPECT_EQ(Finding("wrapper")["ok"], false);
  context_.context.environment["RUSTC_WRAPPER"] = "sccache";
  EXPECT_EQ(Finding("wrapper")["ok"], true);
}

}  // namespace
}  // namespace depcache::client
