#pragma once

#include <memory>
#include <optional>
#include <span>

#include "client/command.h"

namespace depcache::client {

// What the command line asks for: a command with its options set, or an exit
// code when that is all there is (--help, --version, a wrong command line;
// what is to be read was printed).
struct Chosen {
  Command* command = nullptr;
  int exit_code = 0;
};

Chosen ParseCommandLine(std::span<const std::unique_ptr<Command>> commands, int argc,
                        const char* const* argv);

}  // namespace depcache::client
