// The installed Go, with caches in a folder of the test's own and no network.

#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::testing {

struct GoTestMachine {
  TestFolder folder;
  TestContext machine{folder / "app"};

  // What go looks at is this process's own environment.
  GoTestMachine() {
    Set("HOME", folder.path());
    Set("GOCACHE", folder / "build");
    Set("GOMODCACHE", folder / "mod");
    Set("GOPROXY", "off");
    Set("GOFLAGS", "");
    Set("GOENV", "off");
    Set("GOWORK", "");
    Set("GOTOOLCHAIN", "local");
    Set("CGO_ENABLED", "0");
    EXPECT_TRUE(CreateDirectories(folder / "app").ok());
  }

  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }
};

}  // namespace depcache::testing
