#include "client/watch/watch_state.h"

#include "cache/base/codec.h"
#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {

std::filesystem::path WatchStateFile(const std::filesystem::path& build_dir,
                                     const std::vector<std::string>& command) {
  Writer words;
  for (const std::string& word : command) words.String(word);
  return build_dir / ".depcache" / ("watch-" + HashAs<PartDigest>(words.bytes()).ToShortHex());
}

std::optional<Recipe> ReadWatchState(const std::filesystem::path& file) {
  const absl::StatusOr<std::string> bytes = ReadFile(file, 2 * kMaxRecipeBytes);
  if (!bytes.ok()) return std::nullopt;
  absl::StatusOr<Recipe> recipe = DecodeRecipe(*bytes);
  return recipe.ok() ? std::optional(*std::move(recipe)) : std::nullopt;
}

absl::Status WriteWatchState(const std::filesystem::path& file, const Recipe& recipe) {
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
  return WriteFileAtomic(file, Encode(recipe));
}

}  // namespace depcache::client
