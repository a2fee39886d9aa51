#include "cache/go/go_recipe.h"

#include <algorithm>
#include <array>
#include <set>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/go/go_mod.h"

namespace depcache {
namespace {

// Of every build; and those that only cgo reads.
constexpr std::array<std::string_view, 13> kVariables = {
    "CGO_ENABLED", "GO386",    "GOAMD64", "GOARCH",  "GOARM",     "GOARM64", "GOEXPERIMENT",
    "GOMIPS",      "GOMIPS64", "GOOS",    "GOPPC64", "GORISCV64", "GOWASM"};
constexpr std::array<std::string_view, 8> kCgoVariables = {
    "AR", "CC", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS", "CXX"};
// Say how much is shown or done at once, what is linked, or where modules come
// from; -trimpath is always given.
const std::set<std::string_view> kPassedOver = {
    "v", "x", "n", "p", "work", "ldflags", "trimpath", "modcacherw", "buildvcs", "json", "o"};
const std::set<std::string_view> kRefused = {"modfile", "overlay", "toolexec", "compiler", "a"};

absl::StatusOr<std::vector<std::string>> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::size_t pos = 0;
  while ((pos = text.find_first_not_of(" \t\n\r", pos)) != std::string_view::npos) {
    const bool is_quoted = text[pos] == '\'' || text[pos] == '"';
    const std::size_t start = is_quoted ? pos + 1 : pos;
    std::size_t end = is_quoted ? text.find(text[pos], start) : text.find_first_of(" \t\n\r", pos);
    if (is_quoted && end == std::string_view::npos) {
      return InvalidArgument("GOFLAGS has a quote that is not closed");
    }
    end = std::min(end, text.size());
    words.emplace_back(text.substr(start, end - start));
    pos = is_quoted ? end + 1 : end;
  }
  return words;
}

void AddTags(std::string_view text, std::vector<std::string>& tags) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), ' ', ',');
  tags.clear();
  for (std::string& tag : Split(spaced, ',')) {
    if (!tag.empty()) tags.push_back(std::move(tag));
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

using Lines = std::set<std::string>;

std::string TextOf(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void AddReplaces(const GoMod& mod, Lines& lines) {
  for (const GoReplace& entry : mod.replaced) {
    // What lies in the folder is a module of the skeleton itself; where it
    // lies counts for nothing.
    lines.insert(fmt::format("{} {} => {} {}", entry.path, entry.version,
                             IsFolder(entry) ? "." : entry.new_path, entry.new_version));
  }
}

// The modules of a skeleton in one: a requirement counts, whoever has it.
struct ModuleFacts {
  Lines go, required, replaced, excluded, others, sums;
};

absl::StatusOr<ModuleFacts> FactsOf(const GoSkeleton& skeleton) {
  ModuleFacts facts;
  std::vector<GoMod> mods;
  std::set<std::string> local;
  for (const GoLocalModule& module : skeleton.modules) {
    DEPCACHE_ASSIGN_OR_RETURN(GoMod mod, ParseGoMod(module.mod));
    local.insert(mod.module);
    mods.push_back(std::move(mod));
    for (const std::string& line : Split(module.sum, '\n')) facts.sums.insert(line);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const GoMod work, ParseGoMod(skeleton.work));
  mods.push_back(work);
  for (const std::string& line : Split(skeleton.work_sum, '\n')) facts.sums.insert(line);
  facts.sums.erase("");
  for (const GoMod& mod : mods) {
    if (!mod.go.empty()) facts.go.insert(mod.go);
    for (const GoRequire& entry : mod.required) {
      if (!local.contains(entry.path)) facts.required.insert(entry.path + " " + entry.version);
    }
    for (const GoExclude& entry : mod.excluded) {
      facts.excluded.insert(entry.path + " " + entry.version);
    }
    facts.others.insert(mod.others.begin(), mod.others.end());
    AddReplaces(mod, facts.replaced);
  }
  return facts;
}

}  // namespace

absl::StatusOr<GoBuildFlags> ParseGoFlags(std::string_view goflags, std::string_view tags) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> words, WordsOf(goflags));
  GoBuildFlags flags;
  for (const std::string& word : words) {
    std::string_view name = word;
    while (name.starts_with('-')) name.remove_prefix(1);
    std::string_view value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    if (name.empty()) return InvalidArgument("'{}' in GOFLAGS is no flag", word);
    const bool is_usual = name == "buildmode" && (value == "exe" || value == "default");
    if (kRefused.contains(name) || (name == "buildmode" && !is_usual)) {
      return InvalidArgument("dependencies built with {} (in GOFLAGS) are not cached", word);
    }
    if (name == "tags") {
      AddTags(value, flags.tags);
    } else if (name == "mod") {
      flags.mod = value;
    } else if (!is_usual && !kPassedOver.contains(name)) {
      flags.flags.push_back(word);
    }
  }
  if (!tags.empty()) AddTags(tags, flags.tags);
  return flags;
}

absl::StatusOr<Recipe> MakeGoRecipe(const GoSkeleton& skeleton, const GoEnvironment& environment) {
  DEPCACHE_ASSIGN_OR_RETURN(const ModuleFacts facts, FactsOf(skeleton));
  std::vector<std::pair<std::string, std::string>> parts;
  const auto add = [&](std::string name, std::string value) {
    if (!value.empty()) parts.emplace_back(std::move(name), std::move(value));
  };
  add(std::string(kRecipeKindPart), "go");
  add("go", environment.version);
  const auto variable = [&](std::string_view name) {
    const auto found = environment.env.find(std::string(name));
    if (found != environment.env.end()) add("env." + found->first, found->second);
  };
  for (const std::string_view name : kVariables) variable(name);
  const auto cgo = environment.env.find("CGO_ENABLED");
  if (cgo != environment.env.end() && cgo->second == "1") {
    for (const std::string_view name : kCgoVariables) variable(name);
    add("cc", environment.cc);
  }
  add("flags", fmt::format("{}", fmt::join(environment.flags.flags, "\n")));
  add("tags", fmt::format("{}", fmt::join(environment.flags.tags, "\n")));
  add("imports", TextOf(Lines(skeleton.imports.begin(), skeleton.imports.end())));
  add("module.exclude", TextOf(facts.excluded));
  add("module.go", TextOf(facts.go));
  add("module.others", TextOf(facts.others));
  add("module.replace", TextOf(facts.replaced));
  add("module.require", TextOf(facts.required));
  add("module.sum", TextOf(facts.sums));
  add("module.vendor", skeleton.vendor);
  return Recipe::FromParts(std::move(parts));
}

}  // namespace depcache
