#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "cache/base/status.h"
#include "client/context.h"
#include "tests/support/test_terminal.h"

namespace depcache::testing {

// What a command works with, in a folder of a test: real processes, a terminal
// which keeps what is said, and no server unless the test gives one.
struct TestContext {
  TestTerminal terminal;
  client::PosixProcessRunner processes;
  client::Context context;

  explicit TestContext(std::filesystem::path cwd, client::Environment environment = {})
      : context{std::move(environment),
                std::move(cwd),
                "/proc/self/exe",
                {},
                processes,
                terminal,
                [](const client::ClientConfig&)
                    -> absl::StatusOr<std::unique_ptr<client::RemoteCache>> {
                  return Unavailable("no server in this test");
                }} {}
  TestContext(const TestContext&) = delete;
  TestContext& operator=(const TestContext&) = delete;
};

}  // namespace depcache::testing
