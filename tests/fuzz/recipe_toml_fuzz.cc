// TOML from anywhere, as a configuration and as a manifest: printing what was
// parsed gives a text with the same meaning, to merge or mask twice is to do it
// once, and what lies outside the root is given a place within.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cache/base/check.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/manifest_mask.h"
#include "cache/recipe/outside_packages.h"
#include "cache/recipe/relative_path.h"
#include "cache/recipe/toml_text.h"

namespace {

using namespace depcache;

void CheckConfig(const std::string& text) {
  static_cast<void>(ConfigIncludes(text));
  const absl::StatusOr<TomlTable> config = MergeConfigs(std::array{text});
  if (!config.ok()) return;
  const std::string merged = PrintToml(*config);
  const absl::StatusOr<TomlTable> again = MergeConfigs(std::array{merged});
  DEPCACHE_CHECK(again.ok() && PrintToml(*again) == merged);
  const TomlTable clean = WithoutSecrets(*config);
  DEPCACHE_CHECK(PrintToml(WithoutSecrets(clean)) == PrintToml(clean));
  const auto is_public = [](std::string_view name) { return name.size() % 2 == 0; };
  DEPCACHE_CHECK(ConfigVariables(clean, is_public) == ConfigVariables(*config, is_public));
}

void CheckManifest(std::string_view text) {
  absl::StatusOr<TomlTable> manifest = ParseManifest(text);
  if (!manifest.ok()) return;
  MaskManifest(*manifest);
  const std::string once = PrintToml(*manifest);
  absl::StatusOr<TomlTable> again = ParseManifest(once);
  DEPCACHE_CHECK(again.ok());
  MaskManifest(*again);
  DEPCACHE_CHECK(PrintToml(*again) == once);
}

// No path leads out of the skeleton, wherever it led before.
void CheckPaths(std::string_view text) {
  const absl::StatusOr<TomlTable> parsed = ParseManifest(text);
  if (!parsed.ok()) return;
  const Places places("/home/ann/work");
  for (const std::string_view folder : {"", "crates/a", ".outside/1/far"}) {
    TomlTable manifest = *parsed;
    if (IsOutside(folder)) places.Settle(manifest, folder, &*parsed, ".outside/2/above");
    places.Rewrite(manifest, folder);
    for (const DependencyEntry& entry : DependencyEntries(manifest)) {
      const std::string* path = entry.Path();
      if (path != nullptr && path->size() < kMaxPathBytes / 2) {
        DEPCACHE_CHECK(JoinInside(folder, *path).has_value());
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<TomlTable> table = ParseToml(text);
  if (!table.ok()) return 0;
  const std::string printed = PrintToml(*table);
  const absl::StatusOr<TomlTable> again = ParseToml(printed);
  DEPCACHE_CHECK(again.ok() && PrintToml(*again) == printed);
  CheckConfig(text);
  CheckManifest(text);
  CheckPaths(text);
  return 0;
}
