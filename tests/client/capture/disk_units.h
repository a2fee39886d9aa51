#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/dep_info.h"
#include "cache/cargo/registry_layout.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/target_layout.h"
#include "cache/recipe/lockfile.h"
#include "client/capture/capture_unit.h"
#include "client/system/process.h"
#include "tests/cache/cargo/elf_builder.h"
#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/test_folder.h"

namespace depcache::testing {

// A build directory as Cargo leaves it, with the plan of the build, the
// sources of its packages in CARGO_HOME, and the lock which names them.
class DiskUnits {
 public:
  const TestFolder folder;
  client::MachineFolders folders = MachineBelow(folder.path());
  UnitPlan plan;
  Lockfile lock;
  std::vector<std::optional<client::KnownUnit>> known;
  std::vector<std::uint64_t> hashes;  // of the fingerprints, by unit

  static inline const std::string kRmeta =
      "rust\0\0\0\x09metadata of a crate, long enough" + std::string(3000, 'm');

  std::filesystem::path BuildPath(const std::string& relative) const {
    return folders.build_dir / relative;
  }
  std::filesystem::path PathOf(std::size_t unit, FileRole role, std::string_view name = "") const {
    return BuildPath(LayoutOf(plan.layout).FilePath(plan.units[unit].place, role, name));
  }
  std::filesystem::path HashFile(std::size_t unit) const {
    return BuildPath(LayoutOf(plan.layout).HashFile(plan.units[unit].place));
  }
  static void Put(const std::filesystem::path& file, std::string_view bytes, mode_t mode = 0644) {
    EXPECT_TRUE(CreateDirectories(file.parent_path()).ok());
    EXPECT_TRUE(WriteFileAtomic(file, bytes, mode).ok());
  }

  // Sources and .crate of a package, and its entry in the lock.
  void AddPackage(const std::string& name) {
    for (const LockedPackage& package : lock.packages) {
      if (package.name == name) return;
    }
    const std::string folder_name = name + "-1.0.0";
    const std::filesystem::path src = *folders.RegistrySrc(kCratesIoSource);
    Put(src / folder_name / "Cargo.toml", "[package]\nname = \"" + name + "\"\n");
    Put(src / folder_name / "src/lib.rs", "pub fn " + name + "() {}\n");
    Put(src / folder_name / "build.rs", "fn main() {}\n");
    const std::filesystem::path crate =
        folders.cargo_home / "registry/cache" / src.filename() / (folder_name + ".crate");
    EXPECT_TRUE(CreateDirectories(crate.parent_path()).ok());
    client::PosixProcessRunner processes;
    const auto made = processes.Run({{"tar", "-czf", crate.native(), folder_name}, src, {}});
    EXPECT_TRUE(made.ok() && made->exit_code == 0);
    Put(src / folder_name / ".cargo-ok", "{\"v\":1}");
    lock.packages.push_back({name,
                             "1.0.0",
                             std::string(kCratesIoSource),
                             HashAs<BlobHash>(*ReadFile(crate, 1 << 20)).ToHex(),
                             {},
                             {}});
  }

  // Plans a unit; nothing of it is on disk yet.
  std::size_t Plan(const std::string& name, UnitKind kind, const std::vector<std::size_t>& deps) {
    AddPackage(name);
    PlannedUnit unit;
    unit.package = {name, "1.0.0", std::string(kCratesIoSource), SourceKind::kRegistry};
    unit.place = SampleUnits::PlaceOf(name, kind);
    unit.package_root = *folders.RegistrySrc(kCratesIoSource) / (name + "-1.0.0");
    unit.is_eligible = true;
    const bool is_script = kind == UnitKind::kScriptBuild || kind == UnitKind::kScriptRun;
    const char* type = is_script                      ? "custom-build"
                       : kind == UnitKind::kProcMacro ? "proc-macro"
                                                      : "lib";
    unit.target = {is_script ? "build-script-build" : name,
                   {type},
                   {is_script ? "bin" : type},
                   unit.package_root + (is_script ? "/build.rs" : "/src/lib.rs")};
    if (kind == UnitKind::kScriptRun) unit.mode = UnitMode::kRunScript;
    for (const std::size_t dep : deps) {
      unit.deps.push_back({dep, plan.units[dep].place.crate_name});
    }
    plan.units.push_back(std::move(unit));
    known.emplace_back();
    hashes.push_back(0);
    return plan.units.size() - 1;
  }

  // The fingerprint Cargo would write now; a test may change it.
  Fingerprint FingerprintOf(std::size_t index) const {
    const PlannedUnit& unit = plan.units[index];
    Fingerprint fingerprint;
    fingerprint.rustc = 7;
    fingerprint.features = "[]";
    const bool is_run = unit.place.kind == UnitKind::kScriptRun;
    fingerprint.path = is_run ? 0 : PathHash(unit.target.src_path);
    for (const GraphDep& dep : unit.deps) {
      fingerprint.deps.push_back(
          {StrHash(plan.units[dep.unit].package.name), dep.extern_name, false, hashes[dep.unit]});
    }
    const TargetLayout& layout = LayoutOf(plan.layout);
    if (is_run) {
      fingerprint.local = {Precalculated{"1.0.0"}};
    } else {
      fingerprint.local = {CheckDepInfo{layout.FilePath(unit.place, FileRole::kDepInfo, "")}};
    }
    return fingerprint;
  }

  void WriteFingerprint(std::size_t index, const Fingerprint& fingerprint) {
    hashes[index] = FingerprintHash(fingerprint);
    Put(HashFile(index).native() + ".json", ToJson(fingerprint));
    Put(HashFile(index), HashText(hashes[index]));
  }

  static std::string RlibOf(const std::string& object) {
    return MakeArchive({{"lib.rmeta", kRmeta}, {"code.o", object}});
  }

  // Writes all that Cargo leaves of a planned unit.
  void Build(std::size_t index, const std::string& object = MakeElf({{".text", "code"}})) {
    const UnitKind kind = plan.units[index].place.kind;
    if (kind == UnitKind::kScriptRun) {
      Put(PathOf(index, FileRole::kStdout), "cargo:rustc-cfg=made\n");
      Put(PathOf(index, FileRole::kOutDirEntry, "gen.rs"), "pub const A: u8 = 1;\n");
    } else {
      Put(PathOf(index, FileRole::kDepInfo),
          Serialize(DepInfo{{DepInfoFile{DepInfoRoot::kPackage, "src/lib.rs", {}}}, {}}));
    }
    if (kind == UnitKind::kLib) {
      Put(PathOf(index, FileRole::kRlib), RlibOf(object));
      Put(PathOf(index, FileRole::kRmeta), kRmeta);
    }
    if (kind == UnitKind::kProcMacro) Put(PathOf(index, FileRole::kSharedObject), object, 0755);
    if (kind == UnitKind::kScriptBuild) Put(PathOf(index, FileRole::kScriptExe), object, 0755);
    WriteFingerprint(index, FingerprintOf(index));
  }

  PackageId PackageOf(std::size_t index) const {
    PackageId id{"", "", plan.units[index].package.source, ""};
    for (const LockedPackage& package : lock.packages) {
      if (package.name != plan.units[index].package.name) continue;
      id = {package.name, package.version, package.source, package.checksum};
    }
    return id;
  }

  absl::StatusOr<client::CapturedUnit> Capture(std::size_t index, bool is_native = false) const {
    const RootScanner scanner(folders.ScanRoots());
    return client::CaptureUnit(
        {plan,
         index,
         known,
         {{"place", LayoutOf(plan.layout).HashFile(plan.units[index].place)}},
         PackageOf(index),
         folders,
         scanner,
         is_native});
  }

  // Captures, and lets it count as known.
  client::CapturedUnit CaptureKnown(std::size_t index) {
    absl::StatusOr<client::CapturedUnit> captured = Capture(index);
    EXPECT_TRUE(captured.ok()) << captured.status();
    known[index] =
        client::KnownUnit{captured->ref, captured->record_digest, captured->fingerprint_hash};
    return *std::move(captured);
  }
};

}  // namespace depcache::testing
