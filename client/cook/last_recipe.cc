#include "client/cook/last_recipe.h"

#include <system_error>

#include <nlohmann/json.hpp>

#include "cache/base/files.h"
#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr std::uint64_t kMaxFileBytes = 3 * kMaxRecipeBytes;

std::filesystem::path FileIn(const std::filesystem::path& build_dir) {
  return build_dir / ".depcache" / "last-recipe.json";
}

absl::Status Damaged() {
  return InvalidArgument("what the last cook left here cannot be read; cook again");
}

std::string TextOf(const Json& json, const char* key) {
  const auto field = json.find(key);
  return field != json.end() && field->is_string() ? field->get<std::string>() : "";
}

std::uint32_t NumberOf(const Json& json, const char* key) {
  const auto field = json.find(key);
  return field != json.end() && field->is_number_unsigned() ? field->get<std::uint32_t>() : 0;
}

absl::StatusOr<std::string> ValueOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::optional<std::string> bytes;
  if (value.is_object()) bytes = FromHex(TextOf(value, "hex"));
  if (!bytes) return Damaged();
  return *bytes;
}

void ReadSummary(const Json& json, CookSummary& summary) {
  summary.recipe = TextOf(json, "recipe");
  summary.result = TextOf(json, "result");
  summary.other_input = TextOf(json, "other_input");
  const Json units = json.value("units", Json::object());
  summary.units_planned = NumberOf(units, "planned");
  summary.units_restored = NumberOf(units, "restored");
  summary.units_present = NumberOf(units, "present");
  summary.units_built = NumberOf(units, "built");
  for (const Json& unit : json.value("skipped", Json::array())) {
    summary.skipped.push_back(
        {TextOf(unit, "package"), TextOf(unit, "version"), TextOf(unit, "reason")});
  }
}

}  // namespace

absl::Status WriteLastRecipe(const std::filesystem::path& build_dir, const LastRecipe& last) {
  std::error_code error;
  if (!std::filesystem::is_directory(build_dir, error)) return absl::OkStatus();
  const CookSummary& summary = last.summary;
  Json json = {{"version", kVersion},
               {"recipe", summary.recipe},
               {"result", summary.result},
               {"other_input", summary.other_input},
               {"units",
                {{"planned", summary.units_planned},
                 {"restored", summary.units_restored},
                 {"present", summary.units_present},
                 {"built", summary.units_built}}},
               {"skipped", Json::array()},
               {"parts", Json::object()}};
  for (const SkippedUnit& unit : summary.skipped) {
    json["skipped"].push_back(
        {{"package", unit.package}, {"version", unit.version}, {"reason", unit.reason}});
  }
  for (const auto& [name, value] : last.recipe.parts()) {
    json["parts"][name] = IsUtf8(value) ? Json(value) : Json{{"hex", ToHex(value)}};
  }
  const std::filesystem::path file = FileIn(build_dir);
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
  return WriteFileAtomic(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

absl::StatusOr<LastRecipe> ReadLastRecipe(const std::filesystem::path& build_dir) {
  const absl::StatusOr<std::string> text = ReadFile(FileIn(build_dir), kMaxFileBytes);
  if (text.status().code() == absl::StatusCode::kNotFound) {
    return NotFound("nothing was cooked in {} yet", build_dir.native());
  }
  DEPCACHE_RETURN_IF_ERROR(text.status());
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || NumberOf(json, "version") != kVersion) return Damaged();
  const auto parts = json.find("parts");
  if (parts == json.end() || !parts->is_object()) return Damaged();
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, value] : parts->items()) {
    DEPCACHE_ASSIGN_OR_RETURN(std::string plain, ValueOf(value));
    values.emplace_back(name, std::move(plain));
  }
  LastRecipe last;
  DEPCACHE_ASSIGN_OR_RETURN(last.recipe, Recipe::FromParts(std::move(values)));
  ReadSummary(json, last.summary);
  return last;
}

}  // namespace depcache::client
