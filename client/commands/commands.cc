#include "client/commands/commands.h"

namespace depcache::client {

std::vector<std::unique_ptr<Command>> MakeCommands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(MakePrepareCommand());
  commands.push_back(MakeCookCommand());
  commands.push_back(MakeFetchCommand());
  commands.push_back(MakePushCommand());
  commands.push_back(MakeRecipeCommand());
  commands.push_back(MakeExplainCommand());
  commands.push_back(MakeWatchCommand());
  commands.push_back(MakeStatsCommand());
  commands.push_back(MakeAdminCommand());
  commands.push_back(MakeDoctorCommand());
  commands.push_back(MakeVersionCommand());
  commands.push_back(MakeGoPrepareCommand());
  commands.push_back(MakeGoCookCommand());
  commands.push_back(MakeGoBuildCommand());
  return commands;
}

}  // namespace depcache::client
