#include "client/go/capture_go.h"

#include <algorithm>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/go/build_cache.h"
#include "cache/go/layer_paths.h"
#include "cache/layer/limits.h"
#include "client/go/zip_sum.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxActionBytes = 4096;
constexpr std::size_t kMinFolderBytes = 4;  // shorter names occur by chance

void AddFile(const GoLayerPath& path, std::string_view bytes, const fs::path& on_disk,
             CapturedUnit& unit) {
  UnitFile file;
  file.role = FileRole::kOutDirEntry;
  file.name = LayerPathText(path);
  const bool is_there = std::any_of(unit.record.files.begin(), unit.record.files.end(),
                                    [&](const UnitFile& f) { return f.name == file.name; });
  if (is_there) return;  // two actions with one output
  if (bytes.size() <= kMaxInlineBytes) {
    file.content = InlineContent{std::string(bytes)};
    unit.record.files.push_back(std::move(file));
    return;
  }
  BlobContent content;
  content.hash = HashAs<BlobHash>(bytes);
  for (std::size_t pos = 0; pos < bytes.size(); pos += kMaxBlobBytes) {
    const std::string_view piece = bytes.substr(pos, kMaxBlobBytes);
    const Digest digest =
        piece.size() == bytes.size() ? Digest{content.hash, piece.size()} : DigestOf(piece);
    content.blobs.push_back(digest);
    unit.blobs.push_back(CapturedBlob{digest, on_disk, pos, nullptr});
  }
  file.content = std::move(content);
  unit.record.files.push_back(std::move(file));
}

// Names the unit by what it has got.
absl::StatusOr<CapturedUnit> Finish(CapturedUnit unit) {
  unit.ref = UnitRef{unit.record.key, OutputOf(unit.record)};
  auto bytes = std::make_shared<const std::string>(Encode(unit.record));
  if (bytes->size() > kMaxRecordBytes || unit.record.files.size() > kMaxUnitFiles) {
    return FailedPrecondition("it has too many files");
  }
  unit.record_digest = DigestOf(*bytes);
  unit.blobs.push_back(CapturedBlob{unit.record_digest, {}, 0, std::move(bytes)});
  return unit;
}

absl::Status CheckModuleFile(const GoLayerPath& path, std::string_view bytes, const fs::path& file,
                             const GoModuleSums& sums) {
  const auto refuse = [&] {
    return FailedPrecondition("{} is not what go.sum says", file.filename().native());
  };
  if (path.kind == GoFileKind::kMod && sums.mod != GoModSum(bytes)) return refuse();
  if (path.kind == GoFileKind::kZipHash && sums.zip != ParseSum(Trim(bytes))) return refuse();
  if (path.kind != GoFileKind::kZip) return absl::OkStatus();
  DEPCACHE_ASSIGN_OR_RETURN(const PartDigest sum, ZipSum(file));
  return sums.zip == sum ? absl::OkStatus() : refuse();
}

}  // namespace

absl::StatusOr<CapturedUnit> CaptureGoModule(const GoModuleId& module, const GoModuleSums& sums,
                                             const fs::path& module_cache) {
  CapturedUnit unit;
  GoPackage package;
  package.module = module;
  unit.record = GoRecord(GoModuleInputs(module, sums), package, {});
  std::vector<GoFileKind> kinds;
  if (sums.mod) kinds = {GoFileKind::kMod, GoFileKind::kInfo};
  // Last what makes Go take the zip for checked.
  if (sums.zip) kinds.insert(kinds.end(), {GoFileKind::kZip, GoFileKind::kZipHash});
  if (!EscapeModule(module.path) || !EscapeModule(module.version)) {
    return FailedPrecondition("'{} {}' is no module's name", module.path, module.version);
  }
  for (const GoFileKind kind : kinds) {
    const GoLayerPath path{kind, module.path, module.version, ""};
    const fs::path file = module_cache / PathInCache(path);
    absl::StatusOr<std::string> bytes = ReadFile(file, kMaxFileBytes);
    if (bytes.status().code() == absl::StatusCode::kNotFound) continue;
    DEPCACHE_RETURN_IF_ERROR(bytes.status());
    DEPCACHE_RETURN_IF_ERROR(CheckModuleFile(path, *bytes, file, sums));
    AddFile(path, *bytes, file, unit);
  }
  if (unit.record.files.empty()) return NotFound("it is not in the module cache");
  return Finish(std::move(unit));
}

absl::StatusOr<std::string> BuildCacheReader::FindAction(const std::string& prefix) {
  const std::string folder = prefix.substr(0, 2);
  const auto [place, is_new] = actions_.try_emplace(folder);
  if (is_new) {
    std::error_code error;
    for (fs::directory_iterator it(root_ / folder, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().native();
      const std::optional<GoLayerPath> path = ParseLayerPath("build/" + folder + "/" + name);
      if (path && path->kind == GoFileKind::kAction) place->second.push_back(path->id);
    }
    std::sort(place->second.begin(), place->second.end());
  }
  const auto found = std::lower_bound(place->second.begin(), place->second.end(), prefix);
  if (found == place->second.end() || !found->starts_with(prefix)) {
    return NotFound("its entry is not in the build cache");
  }
  return *found;
}

absl::Status BuildCacheReader::AddEntry(const std::string& action, CapturedUnit& unit) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(root_ / ActionFilePath(action), kMaxActionBytes));
  const std::optional<BuildCacheEntry> entry = ParseActionFile(text);
  if (!entry || entry->action != action) return FailedPrecondition("its entry is damaged");
  const fs::path file = root_ / OutputFilePath(entry->output);
  DEPCACHE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file, kMaxFileBytes));
  if (HashAs<BlobHash>(bytes).ToHex() != entry->output || bytes.size() != entry->size_bytes) {
    return FailedPrecondition("its output is damaged");
  }
  for (const std::string& folder : folders_) {
    if (folder.size() >= kMinFolderBytes && bytes.find(folder + "/") != std::string::npos) {
      return FailedPrecondition("its output names {} of this machine", folder);
    }
  }
  // The output first: an action whose output is not there yet is no entry.
  AddFile({GoFileKind::kOutput, "", "", entry->output}, bytes, file, unit);
  AddFile({GoFileKind::kAction, "", "", action}, ActionFileText(*entry), {}, unit);
  return absl::OkStatus();
}

// The list of compiled files, which vet and tests ask for, and what cgo made.
absl::Status BuildCacheReader::AddCgoFiles(const std::string& action, CapturedUnit& unit) {
  const std::string list = SubkeyOf(action, "srcfiles");
  DEPCACHE_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(root_ / ActionFilePath(list), kMaxActionBytes));
  const std::optional<BuildCacheEntry> entry = ParseActionFile(text);
  if (!entry) return FailedPrecondition("its list of files is damaged");
  DEPCACHE_ASSIGN_OR_RETURN(const std::string names,
                            ReadFile(root_ / OutputFilePath(entry->output), kMaxFileBytes));
  for (const std::string& name : Split(names, '\n')) {
    if (name.empty() || name.starts_with("./")) continue;
    DEPCACHE_RETURN_IF_ERROR(AddEntry(SubkeyOf(action, name), unit));
  }
  return AddEntry(list, unit);
}

absl::StatusOr<CapturedUnit> BuildCacheReader::Capture(UnitRecord record,
                                                       const std::string& build_id) {
  const std::optional<std::string> prefix = ActionPrefix(build_id);
  if (!prefix) return FailedPrecondition("its build ID '{}' is not understood", build_id);
  DEPCACHE_ASSIGN_OR_RETURN(const std::string action, FindAction(*prefix));
  CapturedUnit unit;
  unit.record = std::move(record);
  DEPCACHE_RETURN_IF_ERROR(AddEntry(SubkeyOf(action, "stdout"), unit));
  DEPCACHE_RETURN_IF_ERROR(AddEntry(action, unit));
  // Nothing that a build needs: without it, only vet compiles again.
  CapturedUnit with_files = unit;
  if (AddCgoFiles(action, with_files).ok()) unit = std::move(with_files);
  return Finish(std::move(unit));
}

}  // namespace depcache::client
