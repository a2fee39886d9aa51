#include "cache/recipe/toml_text.h"

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#include "cache/base/status.h"
#include "cache/base/toml_depth.h"
#include "cache/base/toml_library.h"

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
