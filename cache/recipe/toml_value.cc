#include "cache/recipe/toml_value.h"

#include <cmath>
#include <iterator>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace depcache {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string PrintFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // fmt gives the shortest text that reads back as the same number.
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

template <typename Items, typename Print>
std::string Joined(const Items& items, Print print) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ", ";
    out += print(item);
  }
  return out;
}

bool HoldsTable(const TomlValue& value) {
  if (value.AsTable() != nullptr) return true;
  const TomlArray* array = value.AsArray();
  if (array == nullptr) return false;
  for (const TomlValue& item : *array) {
    if (HoldsTable(item)) return true;
  }
  return false;
}

bool IsTableArray(const TomlValue& value) {
  const TomlArray* array = value.AsArray();
  if (array == nullptr || array->empty()) return false;
  for (const TomlValue& item : *array) {
    if (item.AsTable() == nullptr) return false;
  }
  return true;
}

// Whether the value stands under a header of its own, `depth` keys down.
bool HasHeader(const TomlValue& value, int depth) {
  if (IsTableArray(value)) return true;
  const TomlTable* table = value.AsTable();
  if (table == nullptr) return false;
  if (depth < 2) return true;
  for (const auto& [key, item] : *table) {
    if (HoldsTable(item)) return true;
  }
  return false;
}

void PrintTable(const TomlTable& table, const std::string& path, int depth, std::string& out);

void PrintUnderHeader(const TomlValue& value, const std::string& path, int depth,
                      std::string& out) {
  const auto header = [&](std::string_view open, std::string_view close) {
    if (!out.empty()) out += '\n';
    fmt::format_to(std::back_inserter(out), "{}{}{}\n", open, path, close);
  };
  if (const TomlArray* array = value.AsArray()) {
    for (const TomlValue& item : *array) {
      header("[[", "]]");
      PrintTable(*item.AsTable(), path, depth, out);
    }
    return;
  }
  // A table that holds nothing but tables needs no header of its own.
  const TomlTable& table = *value.AsTable();
  bool needs_header = table.empty();
  for (const auto& [key, item] : table) needs_header |= !HasHeader(item, depth + 1);
  if (needs_header) header("[", "]");
  PrintTable(table, path, depth, out);
}

// `depth`: how many keys lead to `table`.
void PrintTable(const TomlTable& table, const std::string& path, int depth, std::string& out) {
  for (const auto& [key, value] : table) {
    if (HasHeader(value, depth + 1)) continue;
    fmt::format_to(std::back_inserter(out), "{} = {}\n", PrintTomlKey(key), PrintTomlInline(value));
  }
  for (const auto& [key, value] : table) {
    if (!HasHeader(value, depth + 1)) continue;
    const std::string below = path.empty() ? PrintTomlKey(key) : path + '.' + PrintTomlKey(key);
    PrintUnderHeader(value, below, depth + 1, out);
  }
}

void AddLines(const TomlTable& table, const std::string& prefix, std::vector<std::string>& lines) {
  for (const auto& [key, value] : table) {
    const std::string path = prefix + PrintTomlKey(key);
    const TomlTable* below = value.AsTable();
    if (below != nullptr && !below->empty()) {
      AddLines(*below, path + '.', lines);
    } else {
      lines.push_back(path + " = " + PrintTomlInline(value));
    }
  }
}

}  // namespace

TomlValue TomlString(std::string_view text) { return {std::string(text)}; }

TomlValue TomlStrings(const std::vector<std::string>& items) {
  TomlArray array;
  for (const std::string& item : items) array.push_back(TomlString(item));
  return {std::move(array)};
}

const TomlValue* Find(const TomlTable* table, std::string_view key) {
  if (table == nullptr) return nullptr;
  const auto found = table->find(key);
  return found == table->end() ? nullptr : &found->second;
}

TomlValue* Find(TomlTable* table, std::string_view key) {
  return const_cast<TomlValue*>(Find(static_cast<const TomlTable*>(table), key));
}

const TomlTable* FindTable(const TomlTable* table, std::string_view key) {
  const TomlValue* value = Find(table, key);
  return value == nullptr ? nullptr : value->AsTable();
}

TomlTable* FindTable(TomlTable* table, std::string_view key) {
  TomlValue* value = Find(table, key);
  return value == nullptr ? nullptr : value->AsTable();
}

const std::string* FindString(const TomlTable* table, std::string_view key) {
  const TomlValue* value = Find(table, key);
  return value == nullptr ? nullptr : value->AsString();
}

bool FindBool(const TomlTable* table, std::string_view key, bool fallback) {
  const TomlValue* value = Find(table, key);
  const bool* found = value == nullptr ? nullptr : value->AsBool();
  return found == nullptr ? fallback : *found;
}

std::vector<std::string> StringsOf(const TomlValue* value) {
  std::vector<std::string> strings;
  if (value == nullptr) return strings;
  if (const std::string* text = value->AsString()) strings.push_back(*text);
  if (const TomlArray* array = value->AsArray()) {
    for (const TomlValue& item : *array) {
      if (const std::string* text = item.AsString()) strings.push_back(*text);
    }
  }
  return strings;
}

void Erase(TomlTable& table, std::string_view key) {
  if (const auto found = table.find(key); found != table.end()) table.erase(found);
}

void EraseIfEmpty(TomlTable& table, std::string_view key) {
  const TomlTable* below = FindTable(&std::as_const(table), key);
  if (below != nullptr && below->empty()) Erase(table, key);
}

std::string PrintToml(const TomlTable& table) {
  std::string out;
  PrintTable(table, "", 0, out);
  return out;
}

std::string PrintTomlInline(const TomlValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>) {
          return held ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return fmt::format("{}", held);
        } else if constexpr (std::is_same_v<T, double>) {
          return PrintFloat(held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return Quoted(held);
        } else if constexpr (std::is_same_v<T, TomlDate>) {
          return held.text;
        } else if constexpr (std::is_same_v<T, TomlArray>) {
          return '[' + Joined(held, PrintTomlInline) + ']';
        } else {
          if (held.empty()) return "{}";
          return "{ " +
                 Joined(held,
                        [](const auto& entry) {
                          return PrintTomlKey(entry.first) + " = " + PrintTomlInline(entry.second);
                        }) +
                 " }";
        }
      },
      value.value);
}

std::string PrintTomlKey(std::string_view key) {
  constexpr std::string_view kBare =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const bool is_bare = !key.empty() && key.find_first_not_of(kBare) == std::string_view::npos;
  return is_bare ? std::string(key) : Quoted(key);
}

std::vector<std::string> TomlLines(const TomlTable& table, std::string_view prefix) {
  std::vector<std::string> lines;
  AddLines(table, std::string(prefix), lines);
  return lines;
}

}  // namespace depcache
