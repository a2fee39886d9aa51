#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cache/base/files.h"
#include "client/cargo/machine_folders.h"
#include "client/system/process.h"

namespace depcache::testing {

// A repository with one commit, made by the real git, and what Cargo makes of
// it in a CARGO_HOME.
class GitRepository {
 public:
  explicit GitRepository(std::filesystem::path folder) : folder_(std::move(folder)) {
    Put("Cargo.toml", "[package]\nname = \"dep\"\n");
    Put("src/lib.rs", "pub fn dep() {}\n");
    Put("run.sh", "#!/bin/sh\n", 0755);
    std::filesystem::create_symlink("src/lib.rs", folder_ / "link.rs");
    Git({"init", "-q", "-b", "main", "."});
    Commit();
  }

  void Put(const std::string& name, std::string_view bytes, mode_t mode = 0644) const {
    EXPECT_TRUE(CreateDirectories((folder_ / name).parent_path()).ok());
    EXPECT_TRUE(WriteFileAtomic(folder_ / name, bytes, mode).ok());
  }
  // Returns the commit.
  std::string Commit() {
    Git({"add", "-A"});
    Git({"-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "why"});
    std::string id = Git({"rev-parse", "HEAD"});
    return id.substr(0, 40);
  }
  std::string Source() { return "git+https://h/dep?branch=main#" + Git({"rev-parse", "HEAD"}).substr(0, 40); }

  // A bare repository and a checkout, as Cargo has them.
  void Install(const std::string& source, const client::MachineFolders& folders) {
    const std::filesystem::path db = *folders.GitRepository(source);
    const std::filesystem::path checkout = *folders.GitCheckout(source);
    EXPECT_TRUE(RemoveAll(db).ok());
    EXPECT_TRUE(RemoveAll(checkout).ok());
    Git({"clone", "-q", "--bare", ".", db.native()});
    Git({"clone", "-q", ".", checkout.native()});
    EXPECT_TRUE(WriteFileAtomic(checkout / ".cargo-ok", "").ok());
  }

  std::string Git(std::vector<std::string> args) const {
    args.insert(args.begin(), {"git", "-C", folder_.native()});
    client::PosixProcessRunner processes;
    const auto result = processes.Run({std::move(args), "", {{"GIT_CONFIG_GLOBAL", "/dev/null"}}});
    EXPECT_TRUE(result.ok() && result->exit_code == 0) << (result.ok() ? result->err : "no git");
    return result.ok() ? result->out : "";
  }

 private:
  const std::filesystem::path folder_;
};

}  // namespace depcache::testing
