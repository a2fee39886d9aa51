#pragma once

#include <filesystem>
#include <string>

#include "client/cargo/machine_folders.h"
#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::client {

// A workspace without registry packages for the installed cargo: `app` stands
// on `util`, which has a build script, and on `tools/helper`, a path package
// that is no member.
class CargoWorkspace : public ::testing::Test {
 protected:
  CargoWorkspace() {
    folder_.Write("w/Cargo.toml",
                  "[workspace]\nmembers = [\"app\", \"util\"]\nresolver = \"2\"\n"
                  "exclude = [\"tools\"]\n");
    folder_.Write("w/app/Cargo.toml",
                  "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"
                  "[dependencies]\nutil = { path = \"../util\" }\n"
                  "helper = { path = \"../tools/helper crate\" }\n");
    folder_.Write("w/app/src/main.rs", "fn main() { util::f(); helper::f(); }\n");
    folder_.Write("w/util/Cargo.toml",
                  "[package]\nname = \"util\"\nversion = \"0.2.0\"\nedition = \"2021\"\n"
                  "build = \"build.rs\"\n");
    folder_.Write("w/util/build.rs", "fn main() {}\n");
    folder_.Write("w/util/src/lib.rs", "pub fn f() {}\n");
    folder_.Write("w/tools/helper crate/Cargo.toml",
                  "[package]\nname = \"helper\"\nversion = \"0.3.0\"\nedition = \"2021\"\n");
    folder_.Write("w/tools/helper crate/src/lib.rs", "pub fn f() {}\n");
    context_.context.self = DEPCACHE_CLIENT;
    folders_.workspace = folder_ / "w";
    folders_.target_dir = folders_.build_dir = folder_ / "w/target";
    folders_.home = folder_ / "home";
    folders_.cargo_home = folder_ / "home/.cargo";
  }

  const testing::TestFolder folder_;
  testing::TestContext context_{folder_ / "w"};
  MachineFolders folders_;
};

}  // namespace depcache::client
