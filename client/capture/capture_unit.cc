#include "client/capture/capture_unit.h"

#include <algorithm>
#include <set>

#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/limits.h"
#include "cache/recipe/manifest.h"
#include "client/capture/capture_files.h"
#include "client/capture/declared_inputs.h"
#include "client/capture/script_variables.h"
#include "client/capture/static_archives.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFingerprintBytes = 512 << 10;
constexpr std::uint64_t kMaxDepInfoBytes = 4 << 20;
constexpr std::uint64_t kMaxManifestBytes = 4 << 20;
constexpr std::uint64_t kMaxStdoutBytes = 64 << 20;

struct DiskFingerprint {
  Fingerprint fingerprint;
  std::uint64_t hash = 0;
};

// The fingerprint, if it is what its hash file says.
absl::StatusOr<DiskFingerprint> ReadFingerprint(const fs::path& build_dir,
                                                const TargetLayout& layout,
                                                const UnitPlace& place) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(build_dir / layout.HashFile(place), kMaxFingerprintBytes));
  if (text.size() != 16) return NotFound("it was not built to its end");
  DEPCACHE_ASSIGN_OR_RETURN(const std::string json,
                            ReadFile(build_dir / layout.JsonFile(place), kMaxFingerprintBytes));
  DEPCACHE_ASSIGN_OR_RETURN(Fingerprint fingerprint, ParseFingerprint(json));
  const std::uint64_t hash = FingerprintHash(fingerprint);
  if (HashText(hash) != text) {
    return FailedPrecondition("its hash file does not match its fingerprint; is this Cargo newer "
                              "than depcache knows?");
  }
  return DiskFingerprint{std::move(fingerprint), hash};
}

// Replaces the hash of each dependency by its index, and lists them.
absl::StatusOr<std::vector<UnitRef>> TakeDeps(const CaptureInput& input, Fingerprint& fingerprint) {
  const PlannedUnit& unit = input.plan.units[input.unit];
  std::vector<bool> is_used(unit.deps.size(), false);
  std::vector<UnitRef> refs;
  for (FingerprintDep& dep : fingerprint.deps) {
    // Units of equal fingerprints are told apart by the name the crate calls
    // them, and by taking each once.
    std::size_t match = unit.deps.size();
    for (std::size_t i = 0; i < unit.deps.size(); ++i) {
      const std::optional<KnownUnit>& known = input.known[unit.deps[i].unit];
      if (is_used[i] || !known || known->fingerprint_hash != dep.hash) continue;
      if (match == unit.deps.size() || unit.deps[i].extern_name == dep.name) match = i;
    }
    if (match == unit.deps.size()) {
      return FailedPrecondition("it was built against another {} than the plan has", dep.name);
    }
    is_used[match] = true;
    dep.hash = refs.size();
    refs.push_back(input.known[unit.deps[match].unit]->ref);
  }
  return refs;
}

// What the plan says the unit stands on, so that the key can be formed where
// nothing is built.
std::vector<UnitRef> DepsOf(const CaptureInput& input) {
  std::vector<UnitRef> refs;
  for (const GraphDep& dep : input.plan.units[input.unit].deps) {
    refs.push_back(input.known[dep.unit]->ref);
  }
  return refs;
}

absl::StatusOr<DepInfo> ReadDepInfo(const fs::path& build_dir, const TargetLayout& layout,
                                    const UnitPlace& place) {
  if (place.kind == UnitKind::kScriptRun) return DepInfo{};
  DEPCACHE_ASSIGN_OR_RETURN(
      const std::string bytes,
      ReadFile(build_dir / layout.FilePath(place, FileRole::kDepInfo, ""), kMaxDepInfoBytes));
  return ParseDepInfo(bytes);
}

// Archives that the build scripts below the unit had it link.
absl::StatusOr<std::vector<fs::path>> ArchivesOf(const CaptureInput& input,
                                                 const TargetLayout& layout) {
  const fs::path& build_dir = input.folders.build_dir;
  std::vector<fs::path> archives;
  for (const GraphDep& dep : input.plan.units[input.unit].deps) {
    const UnitPlace& place = input.plan.units[dep.unit].place;
    if (place.kind != UnitKind::kScriptRun) continue;
    DEPCACHE_ASSIGN_OR_RETURN(
        const std::string text,
        ReadFile(build_dir / layout.FilePath(place, FileRole::kStdout, ""), kMaxStdoutBytes));
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<fs::path> found,
                              FindStaticArchives(ParseNativeLinks(text),
                                                 input.folders.NamesOf(build_dir)));
    archives.insert(archives.end(), found.begin(), found.end());
  }
  return archives;
}

std::uint32_t CompileMs(const fs::path& started, const fs::path& finished) {
  struct stat begin {};
  struct stat end {};
  if (stat(started.c_str(), &begin) != 0 || stat(finished.c_str(), &end) != 0) return 0;
  const std::int64_t ms = (end.st_mtim.tv_sec - begin.st_mtim.tv_sec) * 1000 +
                          (end.st_mtim.tv_nsec - begin.st_mtim.tv_nsec) / 1'000'000;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 0, 86'400'000));
}

fs::path StartedFile(const fs::path& build_dir, const TargetLayout& layout,
                     const UnitPlace& place) {
  const std::string beside = place.kind == UnitKind::kScriptRun ? layout.RootOutputFile(place)
                                                                : layout.HashFile(place);
  return (build_dir / beside).parent_path() / "invoked.timestamp";
}

std::string RelativeSource(const PlannedUnit& unit) {
  if (unit.place.kind == UnitKind::kScriptRun) return "";
  return fs::path(unit.target.src_path).lexically_relative(unit.package_root).native();
}

bool IsFolderOf(const std::string& package, const fs::path& folder) {
  const absl::StatusOr<std::string> text = ReadFile(folder / "Cargo.toml", kMaxManifestBytes);
  const absl::StatusOr<TomlTable> manifest = text.ok() ? ParseManifest(*text) : text.status();
  return manifest.ok() && PackageName(*manifest) == package;
}

// The folder of the package's manifest, which paths that it declares start
// from: in a checkout of many packages, below the root.
fs::path PackageFolderOf(const PlannedUnit& unit) {
  if (unit.package.kind != SourceKind::kGit) return unit.package_root;
  fs::path folder = fs::path(unit.target.src_path).parent_path();
  while (folder != unit.package_root && folder.has_relative_path() &&
         !IsFolderOf(unit.package.name, folder)) {
    folder = folder.parent_path();
  }
  return folder;
}

// Variables that the script whose run this is reads in its own sources.
absl::StatusOr<std::set<std::string>> VariablesRead(const CaptureInput& input) {
  for (const GraphDep& dep : input.plan.units[input.unit].deps) {
    const PlannedUnit& script = input.plan.units[dep.unit];
    const bool is_its_script = input.plan.units[input.unit].place.kind == UnitKind::kScriptRun &&
                               script.place.kind == UnitKind::kScriptBuild;
    if (is_its_script) return VariablesOfScript(script.target.src_path);
  }
  return std::set<std::string>();
}

void AddRecordBlob(CapturedUnit& unit) {
  auto bytes = std::make_shared<std::string>(Encode(unit.record));
  unit.record_digest = DigestOf(*bytes);
  unit.blobs.push_back(CapturedBlob{unit.record_digest, {}, 0, std::move(bytes)});
}

}  // namespace

absl::StatusOr<CapturedUnit> CaptureUnit(const CaptureInput& input) {
  const PlannedUnit& unit = input.plan.units[input.unit];
  const TargetLayout& layout = LayoutOf(input.plan.layout);
  const fs::path& build_dir = input.folders.build_dir;
  CapturedUnit captured;
  UnitRecord& record = captured.record;
  record.layout = input.plan.layout;
  record.place = unit.place;
  record.package = input.package;
  record.source_path = RelativeSource(unit);
  if (!record.source_path.empty() && !StaysBelow(record.source_path)) {
    return FailedPrecondition("its source lies outside its package");
  }
  DEPCACHE_ASSIGN_OR_RETURN(const RootMap roots, input.folders.RootsFor(record.package));
  DEPCACHE_ASSIGN_OR_RETURN(const fs::path expected, input.folders.PackageRoot(record.package));
  if (unit.package_root != expected) {
    return FailedPrecondition("its sources are not where Cargo unpacks those of {}",
                              record.package.source);
  }
  DEPCACHE_ASSIGN_OR_RETURN(DiskFingerprint disk,
                            ReadFingerprint(build_dir, layout, unit.place));
  captured.fingerprint_hash = disk.hash;
  DEPCACHE_ASSIGN_OR_RETURN(const DepInfo dep_info, ReadDepInfo(build_dir, layout, unit.place));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<fs::path> archives, ArchivesOf(input, layout));
  DEPCACHE_ASSIGN_OR_RETURN(std::set<std::string> read, VariablesRead(input));
  DEPCACHE_ASSIGN_OR_RETURN(
      record.predicates,
      PredicatesOf({disk.fingerprint, dep_info, unit.package_root, PackageFolderOf(unit),
                    input.folders, input.folders.CommonRoots(), std::move(archives),
                    std::move(read), input.env}));
  DEPCACHE_ASSIGN_OR_RETURN(record.deps, TakeDeps(input, disk.fingerprint));
  DEPCACHE_ASSIGN_OR_RETURN(CapturedFiles files,
                            CaptureFiles(input, disk.fingerprint.rustflags));
  if (unit.place.kind == UnitKind::kScriptRun && !input.is_native && files.names_native_libraries) {
    return FailedPrecondition("it names native libraries, and nothing says which tools made them");
  }
  disk.fingerprint.path = 0;
  DEPCACHE_ASSIGN_OR_RETURN(
      Fingerprint rooted,
      MapTexts(std::move(disk.fingerprint), [&](FingerprintText, std::string_view text) {
        return ToRooted(text, roots);
      }));
  record.fingerprint = ToJson(rooted);
  record.compile_ms = CompileMs(StartedFile(build_dir, layout, unit.place),
                                build_dir / layout.HashFile(unit.place));
  record.glibc_minor = files.glibc_minor;
  record.files = std::move(files.files);
  captured.blobs = std::move(files.blobs);
  record.key = UnitKeyOf(UnitInputsOf(input.key_parts), DepsOf(input));
  captured.ref = {record.key, OutputOf(record)};
  AddRecordBlob(captured);
  if (captured.record_digest.size_bytes > kMaxRecordBytes) {
    return FailedPrecondition("it has too many files");
  }
  return captured;
}

}  // namespace depcache::client
