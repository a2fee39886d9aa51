#include <fmt/format.h>

#include "cache/base/version.h"
#include "client/commands/commands.h"

namespace depcache::client {
namespace {

class VersionCommand final : public Command {
 public:
  std::string_view name() const override { return "version"; }
  std::string_view summary() const override { return "Print the versions of client and server"; }
  std::vector<Option> options() override { return {}; }

  int Run(Context& context) override {
    context.terminal.Print(fmt::format("depcache-client {}\n", Version()));
    if (context.config.server.empty()) return static_cast<int>(ExitCode::kOk);
    const auto remote = context.open_remote(context.config);
    const auto info = remote.ok() ? (*remote)->GetInfo() : absl::StatusOr<ServerInfo>(remote.status());
    context.terminal.Print(info.ok()
                               ? fmt::format("depcache-server {} at {}\n", info->version,
                                             context.config.server)
                               : fmt::format("depcache-server: {}\n",
                                             std::string(info.status().message())));
    return static_cast<int>(ExitCode::kOk);
  }
};

}  // namespace

std::unique_ptr<Command> MakeVersionCommand() { return std::make_unique<VersionCommand>(); }

}  // namespace depcache::client
