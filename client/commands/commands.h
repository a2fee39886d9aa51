#pragma once

#include <memory>
#include <vector>

#include "client/command.h"

namespace depcache::client {

// The commands, in the order --help lists them. Nothing registers itself.
std::vector<std::unique_ptr<Command>> MakeCommands();

std::unique_ptr<Command> MakePrepareCommand();
std::unique_ptr<Command> MakeCookCommand();
std::unique_ptr<Command> MakeFetchCommand();
std::unique_ptr<Command> MakePushCommand();
std::unique_ptr<Command> MakeRecipeCommand();
std::unique_ptr<Command> MakeExplainCommand();
std::unique_ptr<Command> MakeWatchCommand();
std::unique_ptr<Command> MakeStatsCommand();
std::unique_ptr<Command> MakeAdminCommand();
std::unique_ptr<Command> MakeDoctorCommand();
std::unique_ptr<Command> MakeVersionCommand();
std::unique_ptr<Command> MakeGoPrepareCommand();
std::unique_ptr<Command> MakeGoCookCommand();
std::unique_ptr<Command> MakeGoBuildCommand();

}  // namespace depcache::client
