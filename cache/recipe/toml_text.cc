#include "cache/recipe/toml_text.h"

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 1  // what TOML 1.1 became
#define TOML_MAX_NESTED_VALUES 64
// A namespace of our own: another user of the library in the same binary has
// other options, and its inline functions must not stand in for these.
#define toml depcache_recipe_toml
#include <toml++/toml.h>

#include "cache/base/status.h"
#include "cache/recipe/toml_depth.h"

namespace depcache {
namespace {

template <typename T>
TomlValue DateValue(const T& date) {
  std::ostringstream text;
  text << date;
  return {TomlDate{text.str()}};
}

TomlValue Convert(const toml::node& node);

TomlTable ConvertTable(const toml::table& table) {
  TomlTable converted;
  for (const auto& [key, node] : table) converted.emplace(key.str(), Convert(node));
  return converted;
}

// Recursion is bounded: the depth of the text was checked.
TomlValue Convert(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return {ConvertTable(*node.as_table())};
    case toml::node_type::array: {
      TomlArray items;
      for (const toml::node& item : *node.as_array()) items.push_back(Convert(item));
      return {std::move(items)};
    }
    case toml::node_type::string:
      return {node.as_string()->get()};
    case toml::node_type::integer:
      return {node.as_integer()->get()};
    case toml::node_type::floating_point:
      return {node.as_floating_point()->get()};
    case toml::node_type::boolean:
      return {node.as_boolean()->get()};
    case toml::node_type::date:
      return DateValue(node.as_date()->get());
    case toml::node_type::time:
      return DateValue(node.as_time()->get());
    case toml::node_type::date_time:
      return DateValue(node.as_date_time()->get());
    case toml::node_type::none:
      break;
  }
  return {};
}

}  // namespace

absl::StatusOr<TomlTable> ParseToml(std::string_view text) {
  if (text.size() > kMaxTomlBytes) {
    return InvalidArgument("{} bytes of TOML, more than the {} allowed", text.size(),
                           kMaxTomlBytes);
  }
  if (const std::size_t depth = TomlDepthBound(text); depth > kMaxTomlDepth) {
    return InvalidArgument("values nest {} deep, more than the {} allowed", depth, kMaxTomlDepth);
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return InvalidArgument("line {}, column {}: {}", error.source().begin.line,
                           error.source().begin.column, error.description());
  }
  return ConvertTable(parsed.table());
}

}  // namespace depcache
