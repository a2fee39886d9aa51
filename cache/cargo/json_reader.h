// Reading Cargo's JSON without exceptions: bounded in size and depth, each
// field asked for by name and type. Only cache/cargo/*.cc include this.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <nlohmann/json.hpp>

#include "cache/base/text.h"

namespace depcache {

// Keeps the order of fields, so that what was read can be written back.
using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t max_bytes;
  // Objects and arrays in each other.
  std::size_t max_depth;
  // Fields of one object; its look-ups are linear.
  std::size_t max_fields;
};

// Errors: INVALID_ARGUMENT (`what` names the document): no JSON, or beyond a
// limit.
absl::StatusOr<Json> ParseJson(std::string_view text, JsonLimits limits, std::string_view what);

// The field `name` of `object`, of that type.
// Errors: INVALID_ARGUMENT naming the field.
absl::StatusOr<std::string> StringField(const Json& object, const char* name);
absl::StatusOr<std::uint64_t> IntegerField(const Json& object, const char* name);
absl::StatusOr<bool> BoolField(const Json& object, const char* name);
// Borrows from `object`.
absl::StatusOr<const Json*> ArrayField(const Json& object, const char* name);
absl::StatusOr<const Json*> ObjectField(const Json& object, const char* name);
absl::StatusOr<std::vector<std::string>> StringsField(const Json& object, const char* name);

// Errors: INVALID_ARGUMENT unless `object` is an object with these fields
// only; the message names the first other one.
absl::Status CheckFields(const Json& object, std::initializer_list<std::string_view> known);

// Compact JSON, as serde_json writes it.
std::string WriteJson(const Json& value);

}  // namespace depcache
