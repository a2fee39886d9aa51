#include "client/restore/restore_plan.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "cache/base/status.h"
#include "cache/cargo/dep_info.h"
#include "cache/cargo/mtime_plan.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/rooted_text.h"
#include "client/restore/local_fingerprint.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

// Inputs which Cargo compares with the unit's time: those it does not take for
// immutable, as it does everything below $CARGO_HOME/registry and .../git. They
// are what the script named, and the files among the record's predicates.
std::int64_t NewestInput(const UnitRecord& record, const Fingerprint& fingerprint,
                         const fs::path& package_root, const RootMap& roots,
                         const RestoreInput& input) {
  const std::string registry = (input.folders.cargo_home / "registry").native() + "/";
  const std::string git = (input.folders.cargo_home / "git").native() + "/";
  std::int64_t newest = 0;
  const auto look = [&](const fs::path& path) {
    const fs::path absolute = (package_root / path).lexically_normal();
    if (absolute.native().starts_with(registry) || absolute.native().starts_with(git)) return;
    if (const auto time = input.time_of(absolute)) newest = std::max(newest, *time);
  };
  for (const LocalFingerprint& local : fingerprint.local) {
    if (const auto* changed = std::get_if<RerunIfChanged>(&local)) {
      std::for_each(changed->paths.begin(), changed->paths.end(), look);
    }
  }
  for (const Predicate& predicate : record.predicates) {
    if (predicate.kind != PredicateKind::kFile) continue;
    if (const auto path = FromRooted(predicate.name, roots); path.ok()) look(*path);
  }
  return newest;
}

absl::StatusOr<std::vector<std::int64_t>> TimesOf(const RestoreInput& input,
                                                  std::span<const LocalUnit> local) {
  const RootMap roots = input.folders.CommonRoots();
  std::vector<TimedUnit> timed(input.records.size());
  std::map<UnitRef, std::size_t> index;
  for (std::size_t i = 0; i < input.records.size(); ++i) {
    const UnitRecord& record = input.records[i];
    for (const UnitRef& dep : record.deps) timed[i].deps.push_back(index.at(dep));
    index.emplace(UnitRef{record.key, OutputOf(record)}, i);
    DEPCACHE_ASSIGN_OR_RETURN(const fs::path package_root,
                              input.folders.PackageRoot(record.package));
    timed[i].not_before = NewestInput(record, local[i].fingerprint, package_root, roots, input);
    // Cargo compares the times of vendored files, too.
    if (const DirectoryPackage* here = input.folders.FindDirectoryPackage(record.package)) {
      timed[i].not_before = std::max(timed[i].not_before, here->newest);
    }
    if (input.present[i].is_kept) {
      timed[i].not_before = std::max(timed[i].not_before, input.present[i].newest);
    }
  }
  return PlanTimes(timed);
}

UnitFinish PlanUnit(const UnitRecord& record, const LocalUnit& local, const fs::path& build_dir,
                     std::int64_t time) {
  const TargetLayout& layout = LayoutOf(record.layout);
  UnitFinish unit;
  unit.time = time;
  unit.json = ToJson(local.fingerprint);
  unit.hash_text = HashText(local.hash);
  unit.json_path = build_dir / layout.JsonFile(record.place);
  unit.hash_path = build_dir / layout.HashFile(record.place);
  for (const std::string& folder : layout.OwnFolders(record.place)) {
    unit.own_folders.push_back(build_dir / folder);
  }
  return unit;
}

Rendering RenderingOf(const UnitFile& file) {
  if (!file.is_rooted) return Rendering::kNone;
  return file.role == FileRole::kDepInfo ? Rendering::kDepInfo : Rendering::kText;
}

absl::Status SetContent(const UnitFile& file, const RootMap& roots, std::size_t first_file,
                        PlannedFile& planned) {
  if (const auto* small = std::get_if<InlineContent>(&file.content)) {
    DEPCACHE_ASSIGN_OR_RETURN(planned.bytes, Render(RenderingOf(file), small->bytes, roots));
  } else if (const auto* blobs = std::get_if<BlobContent>(&file.content)) {
    planned.blobs = blobs->blobs;
    planned.rendering = RenderingOf(file);
    if (blobs->blobs.empty()) planned.bytes = "";
  } else if (const auto* slice = std::get_if<SliceContent>(&file.content)) {
    planned.slice = PlannedSlice{first_file + slice->file, slice->offset, slice->size};
  } else if (const auto* link = std::get_if<LinkContent>(&file.content)) {
    planned.link = link->target;
  } else {
    planned.is_folder = true;
  }
  return absl::OkStatus();
}

absl::Status PlanFiles(const RestoreInput& input, std::size_t index, std::int64_t time,
                       std::vector<PlannedFile>& files) {
  const UnitRecord& record = input.records[index];
  const TargetLayout& layout = LayoutOf(record.layout);
  const fs::path& build_dir = input.folders.build_dir;
  DEPCACHE_ASSIGN_OR_RETURN(const RootMap roots, input.folders.RootsFor(record.package));
  const std::size_t first_file = files.size();
  for (const UnitFile& file : record.files) {
    PlannedFile planned;
    planned.path = build_dir / layout.FilePath(record.place, file.role, file.name);
    planned.unit = index;
    planned.is_executable = file.is_executable;
    planned.time = time;
    DEPCACHE_RETURN_IF_ERROR(SetContent(file, roots, first_file, planned));
    files.push_back(std::move(planned));
  }
  if (record.place.kind != UnitKind::kScriptRun) return absl::OkStatus();
  // Cargo replaces the folder named here by the new one when it reads stdout
  // again; both are this machine's, so it finds nothing to replace.
  const fs::path out_dir = build_dir / layout.OutDir(record.place);
  PlannedFile root_output;
  root_output.path = build_dir / layout.RootOutputFile(record.place);
  root_output.unit = index;
  root_output.time = time;
  root_output.bytes = out_dir.native();
  files.push_back(std::move(root_output));
  PlannedFile folder;  // exists even if it is empty
  folder.path = out_dir;
  folder.unit = index;
  folder.is_folder = true;
  files.push_back(std::move(folder));
  return absl::OkStatus();
}

std::uint64_t FetchBytes(const PlannedFile& file) {
  return std::accumulate(
      file.blobs.begin(), file.blobs.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Digest& blob) { return sum + blob.size_bytes; });
}

// Large files first, so that at the end no thread waits for one; slices keep
// pointing at their sources.
void SortBySize(std::vector<PlannedFile>& files) {
  std::vector<std::size_t> order(files.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return FetchBytes(files[a]) > FetchBytes(files[b]);
  });
  std::vector<std::size_t> position(files.size());
  for (std::size_t i = 0; i < order.size(); ++i) position[order[i]] = i;
  std::vector<PlannedFile> sorted;
  sorted.reserve(files.size());
  for (const std::size_t i : order) {
    if (files[i].slice) files[i].slice->file = position[files[i].slice->file];
    sorted.push_back(std::move(files[i]));
  }
  files = std::move(sorted);
}

}  // namespace

absl::StatusOr<std::string> Render(Rendering rendering, std::string_view stored,
                                   const RootMap& roots) {
  if (rendering == Rendering::kNone) return std::string(stored);
  if (rendering == Rendering::kText) return FromRooted(stored, roots);
  DEPCACHE_ASSIGN_OR_RETURN(DepInfo info, ParseDepInfo(stored));
  for (DepInfoFile& file : info.files) {
    DEPCACHE_ASSIGN_OR_RETURN(file.path, FromRooted(file.path, roots));
  }
  for (DepInfoVariable& variable : info.variables) {
    if (!variable.value) continue;
    DEPCACHE_ASSIGN_OR_RETURN(variable.value, FromRooted(*variable.value, roots));
  }
  return Serialize(info);
}

absl::StatusOr<std::vector<std::string>> HashTexts(std::span<const UnitRecord> records,
                                                   const MachineFolders& folders) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LocalUnit> local,
                            LocalFingerprints(records, folders));
  std::vector<std::string> texts;
  texts.reserve(local.size());
  for (const LocalUnit& unit : local) texts.push_back(HashText(unit.hash));
  return texts;
}

absl::StatusOr<RestorePlan> MakeRestorePlan(const RestoreInput& input) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LocalUnit> local,
                            LocalFingerprints(input.records, input.folders));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::int64_t> times, TimesOf(input, local));
  RestorePlan plan;
  for (std::size_t i = 0; i < input.records.size(); ++i) {
    if (input.records[i].layout == LayoutKind::kGo) {
      return DataLoss("{} is no unit of Cargo's", input.records[i].package.name);
    }
    UnitFinish unit = PlanUnit(input.records[i], local[i], input.folders.build_dir, times[i]);
    unit.is_written = !input.present[i].is_kept;
    if (unit.is_written) {
      DEPCACHE_RETURN_IF_ERROR(PlanFiles(input, i, times[i], plan.files));
    }
    plan.units.push_back(std::move(unit));
  }
  SortBySize(plan.files);
  return plan;
}

}  // namespace depcache::client
