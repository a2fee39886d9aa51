#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "cache/recipe/recipe.h"
#include "client/commands/commands.h"
#include "client/cook/cook_input.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {
namespace {

class RecipeCommand final : public Command {
 public:
  std::string_view name() const override { return "recipe"; }
  std::string_view summary() const override {
    return "Print the recipe hash that cook would use, and what it is made of";
  }
  std::string_view epilogue() const override {
    return "Takes cook's flags: they are part of the recipe. Needs no server.\n\n"
           "Example: depcache-client recipe --release --trace\n";
  }
  std::vector<Option> options() override {
    std::vector<Option> options = CargoOptions(flags_);
    options.push_back({"--trace", &trace_, "Also print each part with its digest and value"});
    options.push_back({"--json", &json_, "Print one JSON object"});
    return options;
  }

  int Run(Context& context) override {
    if (const absl::Status status = CheckFlags(flags_); !status.ok()) return Fail(context, status);
    const absl::StatusOr<CookInput> input = LoadCookInput(context, flags_);
    if (!input.ok()) return Fail(context, input.status());
    context.terminal.Print(json_ ? Json(input->recipe) : Text(input->recipe));
    return static_cast<int>(ExitCode::kOk);
  }

 private:
  static int Fail(Context& context, const absl::Status& status) {
    context.terminal.Error(MessageOf(status));
    return static_cast<int>(ExitCode::kUsage);
  }

  std::string Text(const Recipe& recipe) const {
    std::string text = RecipeHashText(recipe.Hash()) + "\n";
    if (!trace_) return text;
    for (const auto& [name, digest] : recipe.Trace()) {
      text += fmt::format("\n{} {}\n", digest.ToShortHex(), name);
      const std::string& value = recipe.parts().at(name);
      std::size_t pos = 0;
      while (pos < value.size()) {
        const std::size_t end = std::min(value.find('\n', pos), value.size());
        text += fmt::format("    {}\n", value.substr(pos, end - pos));
        pos = end + 1;
      }
    }
    return text;
  }

  static std::string Json(const Recipe& recipe) {
    nlohmann::ordered_json json;
    json["recipe"] = RecipeHashText(recipe.Hash());
    json["parts"] = nlohmann::ordered_json::object();
    for (const auto& [name, digest] : recipe.Trace()) {
      json["parts"][name] = {{"sha256", digest.ToHex()}, {"value", recipe.parts().at(name)}};
    }
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }

  CargoFlags flags_;
  bool trace_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeRecipeCommand() { return std::make_unique<RecipeCommand>(); }

}  // namespace depcache::client
