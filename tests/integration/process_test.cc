// The server's own binary: what it refuses to start with, and how it ends.

#include <csignal>
#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "client/remote/grpc_remote_cache.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;

// A process with its output in a pipe. Killed with this object.
class ServerProcess {
 public:
  explicit ServerProcess(std::vector<std::string> arguments) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    arguments.insert(arguments.begin(), DEPCACHE_SERVER);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], 1);
      dup2(ends[1], 2);
      close(ends[0]);
      close(ends[1]);
      std::vector<char*> raw;
      for (std::string& argument : arguments) raw.push_back(argument.data());
      raw.push_back(nullptr);
      execv(raw[0], raw.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~ServerProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::fclose(output_);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // The next line; "" at the end.
  std::string Line() {
    char line[4096];
    return std::fgets(line, sizeof line, output_) == nullptr ? "" : line;
  }
  std::string Rest() {
    std::string rest;
    for (std::string line = Line(); !line.empty(); line = Line()) rest += line;
    return rest;
  }
  // From the line that says that it listens; 0 if it does not.
  int Port() {
    const std::string line = Line();
    const std::size_t at = line.find("(port ");
    if (at != std::string::npos) return std::atoi(line.c_str() + at + 6);
    ADD_FAILURE() << line << Rest();
    return 0;
  }
  void Signal(int signal) { kill(pid_, signal); }
  // Its exit code; 1000 and more: killed by a signal.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

class ProcessTest : public ::testing::Test {
 protected:
  std::vector<std::string> Arguments(std::vector<std::string> more = {}) {
    std::vector<std::string> all = {
        "--listen", "127.0.0.1:0", "--data", (folder_ / "data").native(), "--min-free-bytes", "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  TestFolder folder_;
};

TEST_F(ProcessTest, ServesUntilItIsTold) {
  ServerProcess server(Arguments());
  client::RemoteOptions options;
  options.server = "127.0.0.1:" + std::to_string(server.Port());
  options.connect_bound = options.lookup_bound = std::chrono::minutes(1);
  const auto remote = client::OpenRemoteCache(options);
  ASSERT_THAT(remote, IsOk());
  EXPECT_EQ((*remote)->GetInfo()->principal, "anonymous");
  server.Signal(SIGTERM);
  EXPECT_THAT(server.Rest(), HasSubstr("stopped"));
  EXPECT_EQ(server.Wait(), 0);
}

TEST_F(ProcessTest, OneFolderIsServedByOneProcess) {
  ServerProcess first(Arguments());
  ASSERT_GT(first.Port(), 0);
  ServerProcess second(Arguments());
  const std::string output = second.Rest();
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(output, HasSubstr((folder_ / "data").native()));
  EXPECT_THAT(output, HasSubstr("open")) << "says that somebody has it open";
  first.Signal(SIGKILL);
  EXPECT_EQ(first.Wait(), 1000 + SIGKILL);
  ServerProcess third(Arguments());
  EXPECT_GT(third.Port(), 0) << "the lock ends with its process";
}

TEST_F(ProcessTest, OneAddressIsServedByOneProcess) {
  ServerProcess first(Arguments());
  const std::string address = "127.0.0.1:" + std::to_string(first.Port());
  ServerProcess second({"--listen", address, "--store", "memory"});
  EXPECT_THAT(second.Rest(), HasSubstr("cannot listen on " + address));
  EXPECT_EQ(second.Wait(), 1);
}

TEST_F(ProcessTest, BeyondLoopbackItNeedsTokensAndTls) {
  ServerProcess open({"--listen", "0.0.0.0:0", "--store", "memory"});
  EXPECT_THAT(open.Rest(), HasSubstr("refusing to listen on 0.0.0.0:0 without tokens"));
  EXPECT_EQ(open.Wait(), 2);
  ServerProcess plain({"--listen", "0.0.0.0:0", "--store", "memory", "--tokens", "/none"});
  EXPECT_THAT(plain.Rest(), HasSubstr("without TLS"));
  EXPECT_EQ(plain.Wait(), 2);
  ServerProcess insecure({"--listen", "0.0.0.0:0", "--store", "memory", "--insecure"});
  EXPECT_GT(insecure.Port(), 0);
}

TEST_F(ProcessTest, MistakesInSettingsAreNamed) {
  const auto config = folder_.Write("server.toml", "max_store_byte = 5\n");
  ServerProcess file({"--config", config.native()});
  EXPECT_THAT(file.Rest(), HasSubstr("did you mean 'max_store_bytes'?"));
  EXPECT_EQ(file.Wait(), 2);
  ServerProcess none({"--config", (folder_ / "none.toml").native()});
  EXPECT_THAT(none.Rest(), HasSubstr("none.toml"));
  EXPECT_EQ(none.Wait(), 2);
  ServerProcess flag({"--no-such-flag"});
  EXPECT_NE(flag.Rest(), "");
  EXPECT_EQ(flag.Wait(), 2);
}

TEST_F(ProcessTest, PrintsItsSettings) {
  ServerProcess server(Arguments({"--print-config", "--generations", "7"}));
  const std::string output = server.Rest();
  EXPECT_THAT(output, HasSubstr("generations = \"7\"  # flag"));
  EXPECT_THAT(output, HasSubstr("io_threads = \"4\"  # default"));
  EXPECT_EQ(server.Wait(), 0);
}

}  // namespace
}  // namespace depcache::testing
