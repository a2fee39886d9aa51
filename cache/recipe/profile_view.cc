#include "cache/recipe/profile_view.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace depcache {
namespace {

std::string Inherited(const std::string& name, const TomlTable& root, const TomlTable& config,
                      const Variables& variables) {
  const auto variable = variables.find("CARGO_PROFILE_" + VariableForm(name) + "_INHERITS");
  if (variable != variables.end()) return variable->second;
  for (const TomlTable* table : {&config, &root}) {
    const std::string* inherits =
        FindString(FindTable(FindTable(table, "profile"), name), "inherits");
    if (inherits != nullptr) return *inherits;
  }
  if (name == "test" || name == "debug" || name == "doc") return "dev";
  return name == "bench" ? "release" : "";
}

}  // namespace

std::vector<std::string> ProfileChain(std::string_view name, const TomlTable& root,
                                      const TomlTable& config, const Variables& variables) {
  std::vector<std::string> chain;
  for (std::string next(name); !next.empty(); next = Inherited(next, root, config, variables)) {
    if (std::ranges::find(chain, next) != chain.end()) break;  // a cycle, which Cargo refuses
    chain.push_back(next);
  }
  return chain;
}

std::vector<std::string> ProfileLines(const std::vector<std::string>& chain,
                                      const TomlTable& table) {
  std::vector<std::string> lines;
  for (const std::string& name : chain) {
    const TomlTable* profile = FindTable(FindTable(&table, "profile"), name);
    if (profile == nullptr) continue;
    std::ranges::move(TomlLines(*profile, PrintTomlKey(name) + '.'), std::back_inserter(lines));
  }
  return lines;
}

std::string VariableForm(std::string_view key) {
  std::string form(key);
  std::ranges::transform(form, form.begin(), [](unsigned char c) {
    return c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(c));
  });
  return form;
}

}  // namespace depcache
