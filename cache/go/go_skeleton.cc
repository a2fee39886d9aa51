#include "cache/go/go_skeleton.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "cache/go/go_mod.h"
#include "cache/go/layer_paths.h"
#include "cache/layer/unit_record.h"

namespace depcache {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxJsonBytes = 64 << 20;
constexpr std::size_t kMaxModules = 4096;
constexpr std::size_t kMaxImports = 100'000;

absl::Status In(std::string_view folder, std::string_view file, const absl::Status& status) {
  return Annotate(status, folder == "." ? std::string(file) : fmt::format("{}/{}", folder, file));
}

absl::Status NormalizeModule(GoLocalModule& module) {
  if (module.folder != "." && !StaysBelow(module.folder)) {
    return InvalidArgument("the module in {} lies outside the checkout", module.folder);
  }
  absl::StatusOr<GoMod> mod = ParseGoMod(module.mod);
  if (!mod.ok()) return In(module.folder, "go.mod", mod.status());
  module.mod = GoModText(*mod);
  absl::StatusOr<GoSum> sum = ParseGoSum(module.sum);
  if (!sum.ok()) return In(module.folder, "go.sum", sum.status());
  module.sum = GoSumText(*sum);
  return absl::OkStatus();
}

// A field that must be text where it is there.
absl::Status TakeText(const Json& object, const char* name, std::string& text) {
  const auto field = object.find(name);
  if (field == object.end()) return absl::OkStatus();
  if (!field->is_string()) return InvalidArgument("{} is not a string", name);
  text = field->get<std::string>();
  return absl::OkStatus();
}

// Brackets within each other, before anything is parsed by recursion.
bool IsFlat(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  for (const char c : json) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest <= 10'000;
}

}  // namespace

absl::StatusOr<GoSkeleton> NormalizeGoSkeleton(GoSkeleton texts) {
  if (texts.modules.empty() || texts.modules.size() > kMaxModules) {
    return InvalidArgument("{} modules in a checkout, want 1 to {}", texts.modules.size(),
                           kMaxModules);
  }
  for (GoLocalModule& module : texts.modules) DEPCACHE_RETURN_IF_ERROR(NormalizeModule(module));
  std::sort(texts.modules.begin(), texts.modules.end());
  const auto twice = std::adjacent_find(
      texts.modules.begin(), texts.modules.end(),
      [](const GoLocalModule& a, const GoLocalModule& b) { return a.folder == b.folder; });
  if (twice != texts.modules.end()) {
    return InvalidArgument("the folder {} is there twice", twice->folder);
  }
  if (!texts.work.empty()) {
    absl::StatusOr<GoMod> work = ParseGoMod(texts.work);
    if (!work.ok()) return In(".", "go.work", work.status());
    texts.work = GoModText(*work);
  }
  absl::StatusOr<GoSum> work_sum = ParseGoSum(texts.work_sum);
  if (!work_sum.ok()) return In(".", "go.work.sum", work_sum.status());
  texts.work_sum = GoSumText(*work_sum);
  if (texts.imports.size() > kMaxImports) {
    return InvalidArgument("more than the {} imports allowed", kMaxImports);
  }
  std::sort(texts.imports.begin(), texts.imports.end());
  texts.imports.erase(std::unique(texts.imports.begin(), texts.imports.end()), texts.imports.end());
  for (const std::string& path : texts.imports) {
    // They become words of a command line.
    if (!EscapeModule(path)) return InvalidArgument("'{}' is no import path", path);
    if (path[0] == '-') return InvalidArgument("'{}' is no import path", path);
  }
  return texts;
}

GoSum SumsOf(const GoSkeleton& skeleton) {
  GoSum all;
  const auto add = [&](const std::string& text) {
    const absl::StatusOr<GoSum> sums = ParseGoSum(text);
    if (!sums.ok()) return;
    for (const auto& [module, found] : *sums) {
      GoModuleSums& known = all[module];
      if (!known.mod) known.mod = found.mod;
      if (!known.zip) known.zip = found.zip;
    }
  };
  for (const GoLocalModule& module : skeleton.modules) add(module.sum);
  add(skeleton.work_sum);
  return all;
}

std::string GoSkeletonToJson(const GoSkeleton& skeleton) {
  Json modules = Json::array();
  for (const GoLocalModule& module : skeleton.modules) {
    Json object = {{"folder", module.folder}, {"mod", module.mod}};
    if (!module.sum.empty()) object["sum"] = module.sum;
    modules.push_back(std::move(object));
  }
  Json json = {{"imports", skeleton.imports},
               {"kind", "go"},
               {"modules", std::move(modules)},
               {"version", 1}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
  };
  add("vendor", skeleton.vendor);
  add("work", skeleton.work);
  add("work_sum", skeleton.work_sum);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<GoSkeleton> ParseGoSkeleton(std::string_view text) {
  if (text.size() > kMaxJsonBytes)
    return InvalidArgument("it is larger than {} bytes", kMaxJsonBytes);
  if (!IsFlat(text)) return InvalidArgument("values nest too deep");
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidArgument("it is not a JSON object");
  if (json.value("kind", Json()) != "go") return InvalidArgument("its kind is not go");
  if (json.value("version", Json()) != 1) return InvalidArgument("its version is not 1");
  GoSkeleton skeleton;
  const Json modules = json.value("modules", Json());
  const Json imports = json.value("imports", Json::array());
  if (!modules.is_array() || !imports.is_array()) {
    return InvalidArgument("modules and imports are not lists");
  }
  for (const Json& object : modules) {
    if (!object.is_object()) return InvalidArgument("a module is not an object");
    GoLocalModule module;
    DEPCACHE_RETURN_IF_ERROR(TakeText(object, "folder", module.folder));
    DEPCACHE_RETURN_IF_ERROR(TakeText(object, "mod", module.mod));
    DEPCACHE_RETURN_IF_ERROR(TakeText(object, "sum", module.sum));
    skeleton.modules.push_back(std::move(module));
  }
  for (const Json& path : imports) {
    if (!path.is_string()) return InvalidArgument("an import is not a string");
    skeleton.imports.push_back(path.get<std::string>());
  }
  DEPCACHE_RETURN_IF_ERROR(TakeText(json, "vendor", skeleton.vendor));
  DEPCACHE_RETURN_IF_ERROR(TakeText(json, "work", skeleton.work));
  DEPCACHE_RETURN_IF_ERROR(TakeText(json, "work_sum", skeleton.work_sum));
  return NormalizeGoSkeleton(std::move(skeleton));
}

}  // namespace depcache
