#include "cache/go/go_mod.h"

#include <algorithm>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

using Words = std::vector<std::string>;

// The words of one line; a comment is handed back apart.
struct Line {
  Words words;
  std::string comment;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

absl::StatusOr<Line> ReadLine(std::string_view text) {
  Line line;
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::string_view rest = text.substr(pos);
    if (IsSpace(rest[0])) {
      ++pos;
    } else if (rest.starts_with("//")) {
      line.comment = Trim(rest.substr(2));
      break;
    } else if (rest[0] == '(' || rest[0] == ')') {
      line.words.emplace_back(rest.substr(0, 1));
      ++pos;
    } else if (rest[0] == '"' || rest[0] == '`') {
      const std::size_t end = rest.find(rest[0], 1);
      if (end == std::string_view::npos) return InvalidArgument("a quote is not closed");
      if (rest[0] == '"' && rest.substr(0, end).find('\\') != std::string_view::npos) {
        return InvalidArgument("an escape in a quoted word is not understood");
      }
      line.words.emplace_back(rest.substr(1, end - 1));
      pos += end + 1;
    } else {
      std::size_t end = 0;
      while (end < rest.size() && !IsSpace(rest[end]) && rest[end] != '(' && rest[end] != ')' &&
             !rest.substr(end).starts_with("//")) {
        ++end;
      }
      line.words.emplace_back(rest.substr(0, end));
      pos += end;
    }
  }
  return line;
}

absl::Status AddReplace(const Words& words, GoMod& mod) {
  const auto arrow = std::find(words.begin(), words.end(), "=>");
  const auto before = arrow - words.begin();
  const auto after = words.end() - arrow - 1;
  if (arrow == words.end() || before < 2 || before > 3 || after < 1 || after > 2) {
    return InvalidArgument("want `replace PATH [VERSION] => PATH [VERSION]`");
  }
  GoReplace replace;
  replace.path = words[1];
  if (before == 3) replace.version = words[2];
  replace.new_path = *(arrow + 1);
  if (after == 2) replace.new_version = *(arrow + 2);
  if (IsFolder(replace) != replace.new_version.empty()) {
    return InvalidArgument("a replacement is either a folder or has a version");
  }
  mod.replaced.push_back(std::move(replace));
  return absl::OkStatus();
}

// One directive: its name, then its words.
absl::Status AddDirective(const Words& words, std::string_view comment, GoMod& mod) {
  const std::string& name = words[0];
  if (name == "retract") return absl::OkStatus();
  if (name == "replace") return AddReplace(words, mod);
  const bool is_pair = name == "require" || name == "exclude";
  const bool is_single = name == "module" || name == "go" || name == "use";
  if ((is_pair && words.size() != 3) || (is_single && words.size() != 2)) {
    return InvalidArgument("`{}` with {} words after it", name, words.size() - 1);
  }
  if (name == "module") {
    mod.module = words[1];
  } else if (name == "go") {
    mod.go = words[1];
  } else if (name == "use") {
    mod.uses.push_back(words[1]);
  } else if (name == "require") {
    const bool is_indirect = comment == "indirect" || comment.starts_with("indirect;");
    mod.required.push_back({words[1], words[2], is_indirect});
  } else if (name == "exclude") {
    mod.excluded.push_back({words[1], words[2]});
  } else {
    mod.others.push_back(fmt::format("{}", fmt::join(words, " ")));
  }
  return absl::OkStatus();
}

template <typename T>
void Normalize(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

bool IsFolder(const GoReplace& replace) {
  return replace.new_path.starts_with("./") || replace.new_path.starts_with("../") ||
         replace.new_path.starts_with("/") || replace.new_path == "." || replace.new_path == "..";
}

absl::StatusOr<GoMod> ParseGoMod(std::string_view text) {
  GoMod mod;
  std::string block;  // the directive of the block we are in
  std::size_t number = 0;
  for (const std::string& raw : Split(text, '\n')) {
    ++number;
    const auto at = [&](const absl::Status& status) {
      return Annotate(status, fmt::format("line {}", number));
    };
    absl::StatusOr<Line> line = ReadLine(raw);
    if (!line.ok()) return at(line.status());
    Words& words = line->words;
    if (words.empty()) continue;
    if (!block.empty() && words.front() == ")") {
      block.clear();
      continue;
    }
    if (block.empty() && words.size() == 2 && words[1] == "(") {
      block = words[0];
      continue;
    }
    if (!block.empty()) words.insert(words.begin(), block);
    if (const absl::Status added = AddDirective(words, line->comment, mod); !added.ok()) {
      return at(added);
    }
  }
  if (!block.empty()) return InvalidArgument("the block `{}` is not closed", block);
  Normalize(mod.required);
  Normalize(mod.replaced);
  Normalize(mod.excluded);
  Normalize(mod.uses);
  Normalize(mod.others);
  return mod;
}

std::string GoModText(const GoMod& mod) {
  // A word is quoted where it would not be read as one.
  const auto word = [](const std::string& text) {
    const bool is_plain = !text.empty() && text.find_first_of(" \t()\"`") == std::string::npos &&
                          text.find("//") == std::string::npos;
    return is_plain ? text : "`" + text + "`";
  };
  std::string text;
  if (!mod.module.empty()) text += fmt::format("module {}\n", word(mod.module));
  if (!mod.go.empty()) text += fmt::format("go {}\n", mod.go);
  for (const std::string& use : mod.uses) text += fmt::format("use {}\n", word(use));
  for (const GoRequire& entry : mod.required) {
    text += fmt::format("require {} {}{}\n", word(entry.path), word(entry.version),
                        entry.is_indirect ? " // indirect" : "");
  }
  for (const GoReplace& entry : mod.replaced) {
    text += fmt::format("replace {}{}{} => {}{}{}\n", word(entry.path),
                        entry.version.empty() ? "" : " ", entry.version, word(entry.new_path),
                        entry.new_version.empty() ? "" : " ", entry.new_version);
  }
  for (const GoExclude& entry : mod.excluded) {
    text += fmt::format("exclude {} {}\n", word(entry.path), word(entry.version));
  }
  for (const std::string& other : mod.others) text += other + "\n";
  return text;
}

}  // namespace depcache
