// A TOML document as a tree of plain values, and its canonical text.
//
// The tree knows nothing of where a value stood: comments, order, quoting and
// the spelling of numbers are gone, so equal documents have equal text.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace depcache {

struct TomlValue;
using TomlArray = std::vector<TomlValue>;
using TomlTable = std::map<std::string, TomlValue, std::less<>>;

// A date, a time, or both, as RFC 3339 text.
struct TomlDate {
  std::string text;
  friend bool operator==(const TomlDate&, const TomlDate&) = default;
};

struct TomlValue {
  std::variant<bool, std::int64_t, double, std::string, TomlDate, TomlArray, TomlTable> value;

  // nullptr if the value is of another type.
  const std::string* AsString() const { return std::get_if<std::string>(&value); }
  const bool* AsBool() const { return std::get_if<bool>(&value); }
  const TomlArray* AsArray() const { return std::get_if<TomlArray>(&value); }
  const TomlTable* AsTable() const { return std::get_if<TomlTable>(&value); }
  TomlArray* AsArray() { return std::get_if<TomlArray>(&value); }
  TomlTable* AsTable() { return std::get_if<TomlTable>(&value); }

  friend bool operator==(const TomlValue&, const TomlValue&) = default;
};

TomlValue TomlString(std::string_view text);
TomlValue TomlStrings(const std::vector<std::string>& items);

// Look-ups: nullptr if the key is absent or its value is of another type. A
// null table has no keys, so look-ups can be chained.
const TomlValue* Find(const TomlTable* table, std::string_view key);
TomlValue* Find(TomlTable* table, std::string_view key);
const TomlTable* FindTable(const TomlTable* table, std::string_view key);
TomlTable* FindTable(TomlTable* table, std::string_view key);
const std::string* FindString(const TomlTable* table, std::string_view key);
// `fallback` if the key is absent or no boolean.
bool FindBool(const TomlTable* table, std::string_view key, bool fallback);

// The strings of an array; other items are left out. A string alone is a list
// of one. Empty for nullptr and other types.
std::vector<std::string> StringsOf(const TomlValue* value);

// Removes `key`; a no-op if it is absent.
void Erase(TomlTable& table, std::string_view key);
// Removes `key` if it holds a table without keys.
void EraseIfEmpty(TomlTable& table, std::string_view key);

// Canonical text: keys sorted; in a table first the plain keys, then the
// tables below it under their headers. A table without tables in it, two or
// more levels down, stands inline, one line per dependency. Ends with a newline unless
// empty. Parsing it gives an equal tree.
std::string PrintToml(const TomlTable& table);

// One value as it would stand after "key = ": always a single line.
std::string PrintTomlInline(const TomlValue& value);
// A key, quoted if it must be.
std::string PrintTomlKey(std::string_view key);

// One line "a.b.c = value" for each value that is no table, and for each empty
// table, in order of keys; every line starts with `prefix`.
std::vector<std::string> TomlLines(const TomlTable& table, std::string_view prefix = "");

}  // namespace depcache
