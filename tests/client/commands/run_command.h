#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cli.h"
#include "client/commands/commands.h"
#include "tests/client/cook/small_checkout.h"

namespace depcache::client {

// Runs commands as main does, in a copy of a small workspace.
class CommandTest : public SmallCheckout {
 protected:
  // The exit code. Output is in context_.terminal.
  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), "depcache-client");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    const std::vector<std::unique_ptr<Command>> commands = MakeCommands();
    const Chosen chosen = ParseCommandLine(commands, static_cast<int>(argv.size()), argv.data());
    return chosen.command == nullptr ? chosen.exit_code : chosen.command->Run(context_.context);
  }
};

}  // namespace depcache::client
