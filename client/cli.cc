// The one file which knows CLI11.

#include "client/cli.h"

#include <CLI/CLI.hpp>

#include "cache/base/text.h"
#include "cache/base/version.h"

namespace depcache::client {
namespace {

void AddOption(CLI::App& app, const Option& option) {
  CLI::Option* added = nullptr;
  if (bool* const* flag = std::get_if<bool*>(&option.target)) {
    added = app.add_flag(option.flags, **flag, option.help);
  } else if (int* const* count = std::get_if<int*>(&option.target)) {
    added = app.add_flag(option.flags, **count, option.help);
  } else if (std::string* const* text = std::get_if<std::string*>(&option.target)) {
    added = option.bare.empty()
                ? app.add_option(option.flags, **text, option.help)
                : app.add_flag(fmt::format("{}{{{}}}", option.flags, option.bare), **text,
                               option.help);
    if (option.bare.empty()) added->type_name("VALUE");
  } else {
    added = app.add_option(option.flags, *std::get<std::vector<std::string>*>(option.target),
                           option.help);
    // One value each time it is named, so that a name after it is no value.
    // A name without a dash stands for what is no option at all.
    if (option.flags.starts_with('-')) {
      added->type_name("VALUE")->expected(1)->take_all()->allow_extra_args(false);
    }
  }
  if (!option.environment.empty()) added->envname(option.environment);
}

// The app of a command: of a group, its first word, the one below it.
CLI::App& AppFor(CLI::App& app, const Command& command) {
  const std::string name(command.name());
  const std::string summary(command.summary());
  const std::size_t space = name.find(' ');
  if (space == std::string::npos) return *app.add_subcommand(name, summary);
  const std::string word = name.substr(0, space);
  const std::vector<CLI::App*> groups =
      app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
  if (!groups.empty()) return *groups[0]->add_subcommand(name.substr(space + 1), summary);
  CLI::App* group = app.add_subcommand(word, "The same for Go: prepare, cook, build");
  group->require_subcommand(1);
  return *group->add_subcommand(name.substr(space + 1), summary);
}

// A word that is no command: what was probably meant.
std::string Suggestion(std::span<const std::unique_ptr<Command>> commands, int argc,
                       const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return "";
  std::vector<std::string> names;
  for (const std::unique_ptr<Command>& command : commands) {
    names.emplace_back(command->name().substr(0, command->name().find(' ')));
    if (names.back() == argv[1]) return "";
  }
  const std::string nearest = NearestName(argv[1], names);
  return nearest.empty() ? "" : "did you mean '" + nearest + "'?\n";
}

}  // namespace

Chosen ParseCommandLine(std::span<const std::unique_ptr<Command>> commands, int argc,
                        const char* const* argv) {
  CLI::App app(
      "Restores compiled Cargo dependencies instead of building them, and shares what nobody\n"
      "has built yet. Set DEPCACHE_SERVER=host:port to use a server.",
      "depcache-client");
  app.set_version_flag("-V,--version", "depcache-client " + std::string(Version()));
  app.require_subcommand(1);
  app.footer("Every command has its own --help. First steps: depcache-client doctor");
  Chosen chosen;
  for (const std::unique_ptr<Command>& command : commands) {
    CLI::App& sub = AppFor(app, *command);
    sub.footer("\n" + std::string(command->epilogue()));
    sub.callback([&chosen, &command] { chosen.command = command.get(); });
    for (const Option& option : command->options()) AddOption(sub, option);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    chosen.command = nullptr;
    chosen.exit_code = app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
    if (chosen.exit_code != 0) std::cerr << Suggestion(commands, argc, argv);
  }
  return chosen;
}

}  // namespace depcache::client
