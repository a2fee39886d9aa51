#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/context.h"

namespace depcache::client {

// Part of the interface: scripts test these. docs/cli.md lists them. When
// cargo itself failed, the exit code is cargo's.
enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,       // something of ours did not work; the message says what
  kUsage = 2,        // the command line or a file it names
  kMiss = 3,         // `fetch`: there is no layer
  kUnavailable = 4,  // a command which needs the server did not reach it
};

// A flag or option of a command, or a word without a name; a list of these takes
// all that are left. The target belongs to the command.
struct Option {
  std::string flags;  // "-p,--package"; without dashes: a word
  std::variant<bool*, int*, std::string*, std::vector<std::string>*> target;  // int: counted
  std::string help;
  std::string environment = {};  // a variable that stands in for it
  bool splits_commas = false;    // lists: "a,b" is two values
  std::string bare = {};         // text: what the flag means without "=VALUE"
};

// One command of depcache-client. Its options are data: parsing, --help and
// the check of docs/cli.md all read the same table.
class Command {
 public:
  virtual ~Command() = default;
  // "cook"; of a command in a group both words: "go cook".
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;
  // Shown below the options: examples, exit codes.
  virtual std::string_view epilogue() const { return ""; }
  virtual std::vector<Option> options() = 0;
  // An exit code: ExitCode or cargo's own.
  virtual int Run(Context& context) = 0;
};

}  // namespace depcache::client
