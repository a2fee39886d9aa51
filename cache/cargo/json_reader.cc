#include "cache/cargo/json_reader.h"

#include <algorithm>
#include <utility>

#include "cache/base/status.h"

namespace depcache {
namespace {

// nullptr if `object` is no object or lacks the field.
const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Reads a text without keeping it and stops at the first limit.
class LimitCheck final : public nlohmann::json_sax<Json> {
 public:
  explicit LimitCheck(JsonLimits limits) : limits_(limits) {}
  bool is_beyond() const { return is_beyond_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool key(string_t&) override { return Within(++fields_.back() <= limits_.max_fields); }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool Within(bool is_within) {
    is_beyond_ = !is_within;
    return is_within;
  }
  bool Enter() {
    fields_.push_back(0);
    return Within(fields_.size() <= limits_.max_depth);
  }
  bool Leave() {
    fields_.pop_back();
    return true;
  }

  JsonLimits limits_;
  std::vector<std::size_t> fields_;  // seen of each open object
  bool is_beyond_ = false;
};

absl::Status WrongField(const char* name, std::string_view type) {
  return InvalidArgument("field '{}' is missing or no {}", name, type);
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, JsonLimits limits, std::string_view what) {
  if (text.size() > limits.max_bytes) {
    return InvalidArgument("{}: {} bytes, at most {} are read", what, text.size(),
                           limits.max_bytes);
  }
  // Two passes: what is beyond a limit is never built.
  LimitCheck check(limits);
  if (!Json::sax_parse(text.begin(), text.end(), &check)) {
    return InvalidArgument("{}: {}", what, check.is_beyond() ? "too many parts" : "not valid JSON");
  }
  Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return InvalidArgument("{}: not valid JSON", what);
  return value;
}

absl::StatusOr<std::string> StringField(const Json& object, const char* name) {
  const Json* field = Find(object, name);
  if (field == nullptr || !field->is_string()) return WrongField(name, "string");
  return *field->get_ptr<const std::string*>();
}

absl::StatusOr<std::uint64_t> IntegerField(const Json& object, const char* name) {
  const Json* field = Find(object, name);
  if (field == nullptr || !field->is_number_unsigned()) return WrongField(name, "whole number");
  return *field->get_ptr<const std::uint64_t*>();
}

absl::StatusOr<bool> BoolField(const Json& object, const char* name) {
  const Json* field = Find(object, name);
  if (field == nullptr || !field->is_boolean()) return WrongField(name, "boolean");
  return *field->get_ptr<const bool*>();
}

absl::StatusOr<const Json*> ArrayField(const Json& object, const char* name) {
  const Json* field = Find(object, name);
  if (field == nullptr || !field->is_array()) return WrongField(name, "array");
  return field;
}

absl::StatusOr<const Json*> ObjectField(const Json& object, const char* name) {
  const Json* field = Find(object, name);
  if (field == nullptr || !field->is_object()) return WrongField(name, "object");
  return field;
}

absl::StatusOr<std::vector<std::string>> StringsField(const Json& object, const char* name) {
  DEPCACHE_ASSIGN_OR_RETURN(const Json* array, ArrayField(object, name));
  std::vector<std::string> strings;
  strings.reserve(array->size());
  for (const Json& item : *array) {
    if (!item.is_string()) return WrongField(name, "array of strings");
    strings.push_back(*item.get_ptr<const std::string*>());
  }
  return strings;
}

absl::Status CheckFields(const Json& object, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return InvalidArgument("not an object");
  for (auto field = object.begin(); field != object.end(); ++field) {
    const std::string_view name = field.key();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return InvalidArgument("unknown field '{}'", name);
    }
  }
  return absl::OkStatus();
}

std::string WriteJson(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace depcache
