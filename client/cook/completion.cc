#include "client/cook/completion.h"

#include <system_error>

#include "cache/base/codec.h"
#include "cache/base/files.h"
#include "cache/layer/limits.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "dcd2";
constexpr std::uint64_t kMaxBytes = 64 << 20;
constexpr std::uint32_t kMaxPaths = 100'000;

fs::path FileOf(const fs::path& build_dir, const RecipeHash& recipe) {
  return build_dir / ".depcache" / ("recipe-" + recipe.ToHex());
}

std::optional<Completion> Read(const fs::path& file) {
  const absl::StatusOr<std::string> bytes = ReadFile(file, kMaxBytes);
  if (!bytes.ok()) return std::nullopt;
  Reader reader(*bytes);
  if (reader.Raw(kMagic.size()) != kMagic) return std::nullopt;
  Completion completion;
  completion.cargo_home = reader.String(kMaxNameBytes);
  completion.units.resize(reader.Count(kMaxLayerUnits, 36));
  for (auto& [path, output] : completion.units) {
    path = reader.String(kMaxNameBytes);
    output = reader.Id<OutputTag>();
  }
  completion.predicates = DecodePredicates(reader);
  completion.source_files.resize(reader.Count(kMaxPaths, 4));
  for (std::string& path : completion.source_files) path = reader.String(kMaxNameBytes);
  if (!reader.Finish("completion").ok()) return std::nullopt;
  return completion;
}

}  // namespace

absl::Status WriteCompletion(const fs::path& build_dir, const RecipeHash& recipe,
                             const Completion& completion) {
  Writer writer;
  writer.Raw(kMagic);
  writer.String(completion.cargo_home);
  writer.U32(static_cast<std::uint32_t>(completion.units.size()));
  for (const auto& [path, output] : completion.units) {
    writer.String(path);
    writer.Id(output);
  }
  Encode(writer, completion.predicates);
  writer.U32(static_cast<std::uint32_t>(completion.source_files.size()));
  for (const std::string& path : completion.source_files) writer.String(path);
  return WriteFileAtomic(FileOf(build_dir, recipe), writer.bytes());
}

std::size_t CompleteUnits(const MachineFolders& folders, const RecipeHash& recipe,
                          const EnvLookup& env) {
  const std::optional<Completion> completion = Read(FileOf(folders.build_dir, recipe));
  if (!completion || completion->cargo_home != folders.cargo_home.native()) return 0;
  const Stamps stamps = ReadStamps(folders.build_dir);
  for (const auto& [path, output] : completion->units) {
    const auto stamp = stamps.find(path);
    if (stamp == stamps.end() || stamp->second.ref.output != output ||
        !IsUnchanged(folders.build_dir, stamp->second)) {
      return 0;
    }
  }
  std::error_code error;
  for (const std::string& path : completion->source_files) {
    if (!fs::exists(folders.cargo_home / path, error)) return 0;
  }
  if (FailingPredicate(completion->predicates, folders.CommonRoots(), env)) return 0;
  return completion->units.size();
}

}  // namespace depcache::client
