#include "client/capture/capture_files.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/dep_info.h"
#include "cache/cargo/glibc_need.h"
#include "cache/cargo/rmeta_slice.h"
#include "cache/cargo/target_layout.h"
#include "cache/cargo/unit_outputs.h"
#include "cache/layer/limits.h"
#include "cache/layer/rooted_text.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kElfMagic = "\x7f"
                                       "ELF";

// A file's bytes as they are stored.
struct Stored {
  std::string bytes;
  bool is_rooted = false;
  bool is_on_disk = true;  // the same bytes are in the file
};

bool IsExecutable(const fs::path& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && (info.st_mode & 0100) != 0;
}

bool IsText(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos;
}

// Collects files of a unit; knows how bytes become content and blobs.
class Collector {
 public:
  Collector(const CaptureInput& input, RootMap roots)
      : input_(input),
        unit_(input.plan.units[input.unit]),
        layout_(LayoutOf(input.plan.layout)),
        roots_(std::move(roots)) {}

  absl::Status Add(FileRole role, std::string_view name, bool is_optional) {
    const fs::path path = PathOf(role, name);
    absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
    if (bytes.status().code() == absl::StatusCode::kNotFound) {
      if (is_optional) return absl::OkStatus();
      return FailedPrecondition("its output {} is missing", path.filename().native());
    }
    DEPCACHE_RETURN_IF_ERROR(bytes.status());
    if (role == FileRole::kRmeta && AddAsSlice(*bytes)) return absl::OkStatus();
    if (role == FileRole::kStdout) {
      captured_.names_native_libraries = bytes->find("rustc-link-lib") != std::string::npos ||
                                         bytes->find("rustc-link-search") != std::string::npos;
    }
    DEPCACHE_ASSIGN_OR_RETURN(const Stored stored, ToStored(role, path, *std::move(bytes)));
    DEPCACHE_RETURN_IF_ERROR(CheckBinary(role, stored.bytes));
    UnitFile file;
    file.role = role;
    file.name = name;
    file.is_executable = IsExecutable(path);
    file.is_rooted = stored.is_rooted;
    if (role == FileRole::kRlib) rlib_ = stored.bytes;
    AddContent(std::move(file), path, stored);
    return absl::OkStatus();
  }

  absl::Status AddOutDir() {
    const fs::path root = input_.folders.build_dir / layout_.OutDir(unit_.place);
    std::error_code error;
    if (!fs::is_directory(root, error)) return FailedPrecondition("its OUT_DIR is missing");
    return WalkTree(root, [&](const fs::path& relative, const fs::directory_entry& entry) {
      return AddOutDirEntry(relative, entry);
    });
  }

  absl::Status AddDwarfObjects() {
    const fs::path folder =
        input_.folders.build_dir / layout_.FilePath(unit_.place, FileRole::kDwarfObject, "");
    const std::string prefix = DwarfObjectPrefix(input_.plan.layout, unit_.place);
    std::error_code error;
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().native();
      if (name.starts_with(prefix) && name.ends_with(".dwo")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      DEPCACHE_RETURN_IF_ERROR(Add(FileRole::kDwarfObject, name, /*is_optional=*/false));
    }
    return absl::OkStatus();
  }

  CapturedFiles Take() { return std::move(captured_); }

 private:
  fs::path PathOf(FileRole role, std::string_view name) const {
    return input_.folders.build_dir / layout_.FilePath(unit_.place, role, name);
  }

  absl::Status AddOutDirEntry(const fs::path& relative, const fs::directory_entry& entry) {
    if (captured_.files.size() >= kMaxUnitFiles) {
      return FailedPrecondition("its OUT_DIR has more than {} files", kMaxUnitFiles);
    }
    if (!StaysBelow(relative.native())) {
      return FailedPrecondition("a name in its OUT_DIR is not usable");
    }
    UnitFile file;
    file.role = FileRole::kOutDirEntry;
    file.name = relative.native();
    std::error_code error;
    const fs::file_status status = entry.symlink_status(error);
    if (fs::is_symlink(status)) return AddLink(std::move(file), entry.path());
    if (fs::is_directory(status)) {
      if (!fs::is_empty(entry.path(), error)) return absl::OkStatus();
      file.content = FolderContent{};
      captured_.files.push_back(std::move(file));
      return absl::OkStatus();
    }
    if (!fs::is_regular_file(status)) {
      return FailedPrecondition("its OUT_DIR has a special file, {}", relative.native());
    }
    return Add(FileRole::kOutDirEntry, file.name, /*is_optional=*/false);
  }

  absl::Status AddLink(UnitFile file, const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    if (error || target.is_absolute()) {
      return FailedPrecondition("its OUT_DIR has a link to an absolute path, {}", file.name);
    }
    file.content = LinkContent{target.native()};
    captured_.files.push_back(std::move(file));
    return absl::OkStatus();
  }

  // True if the bytes are a part of the rlib, and were added as one.
  bool AddAsSlice(std::string_view rmeta) {
    if (rlib_.empty() || rmeta.empty()) return false;
    const std::optional<std::size_t> offset = FindRmeta(rlib_, rmeta);
    const auto whole = std::find_if(captured_.files.begin(), captured_.files.end(),
                                    [](const UnitFile& f) { return f.role == FileRole::kRlib; });
    if (!offset || whole == captured_.files.end() ||
        !std::holds_alternative<BlobContent>(whole->content)) {
      return false;
    }
    UnitFile file;
    file.role = FileRole::kRmeta;
    file.content = SliceContent{static_cast<std::uint32_t>(whole - captured_.files.begin()), *offset,
                                rmeta.size()};
    captured_.files.push_back(std::move(file));
    return true;
  }

  // Replaces roots where the kind of file allows it, and refuses the file
  // where it does not.
  absl::StatusOr<Stored> ToStored(FileRole role, const fs::path& path, std::string bytes) const {
    if (role == FileRole::kDepInfo) return StoredDepInfo(bytes);
    const bool is_stdout = role == FileRole::kStdout;
    const std::optional<RootHit> hit = is_stdout ? std::nullopt : input_.scanner.Scan(bytes);
    if (!is_stdout && !hit) return Stored{std::move(bytes), false, true};
    const bool may_be_rewritten = is_stdout || (role == FileRole::kOutDirEntry && IsText(bytes));
    if (!may_be_rewritten) {
      return FailedPrecondition("its output {} names {} of this machine",
                                path.filename().native(), hit->root);
    }
    absl::StatusOr<std::string> rooted = ToRooted(bytes, roots_);
    if (!rooted.ok()) return FailedPrecondition("its output {}: {}", path.filename().native(),
                                                MessageOf(rooted.status()));
    if (const auto left = input_.scanner.Scan(*rooted); left && !is_stdout) {
      return FailedPrecondition("its output {} names {} of this machine",
                                path.filename().native(), left->root);
    }
    const bool is_same = *rooted == bytes;
    return Stored{*std::move(rooted), !is_same, is_same};
  }

  absl::StatusOr<Stored> StoredDepInfo(std::string_view bytes) const {
    absl::StatusOr<DepInfo> info = ParseDepInfo(bytes);
    if (!info.ok()) return FailedPrecondition("its dep-info: {}", MessageOf(info.status()));
    bool is_rooted = false;
    const auto root = [&](std::string& text) -> absl::Status {
      DEPCACHE_ASSIGN_OR_RETURN(std::string rooted, ToRooted(text, roots_));
      is_rooted = is_rooted || rooted != text;
      text = std::move(rooted);
      return absl::OkStatus();
    };
    for (DepInfoFile& file : info->files) DEPCACHE_RETURN_IF_ERROR(root(file.path));
    for (DepInfoVariable& variable : info->variables) {
      if (variable.value) DEPCACHE_RETURN_IF_ERROR(root(*variable.value));
    }
    std::string stored = Serialize(Sorted(*std::move(info)));
    const bool is_same = stored == bytes;
    return Stored{std::move(stored), is_rooted, is_same};
  }

  absl::Status CheckBinary(FileRole role, std::string_view bytes) {
    const bool is_loaded = role == FileRole::kSharedObject || role == FileRole::kScriptExe;
    if (!is_loaded) return absl::OkStatus();
    if (!bytes.starts_with(kElfMagic)) {
      return FailedPrecondition("its executable is not a compiled program; did another tool put "
                                "a launcher there?");
    }
    DEPCACHE_ASSIGN_OR_RETURN(const std::uint16_t minor, GlibcMinorNeeded(bytes));
    captured_.glibc_minor = std::max(captured_.glibc_minor, minor);
    return absl::OkStatus();
  }

  void AddContent(UnitFile file, const fs::path& path, const Stored& stored) {
    const std::string_view bytes = stored.bytes;
    // The rlib always goes by blobs, so that the rmeta can be a slice of it.
    if (bytes.size() <= kMaxInlineBytes && file.role != FileRole::kRlib) {
      file.content = InlineContent{stored.bytes};
      captured_.files.push_back(std::move(file));
      return;
    }
    const auto memory = stored.is_on_disk ? nullptr : std::make_shared<std::string>(bytes);
    BlobContent content;
    content.hash = HashAs<BlobHash>(bytes);
    for (std::size_t pos = 0; pos < bytes.size(); pos += kMaxBlobBytes) {
      const std::string_view piece = bytes.substr(pos, kMaxBlobBytes);
      // One blob is the whole file: no need to hash it twice.
      const Digest digest =
          piece.size() == bytes.size() ? Digest{content.hash, piece.size()} : DigestOf(piece);
      content.blobs.push_back(digest);
      CapturedBlob blob{digest, path, pos, nullptr};
      if (memory) blob.bytes = std::make_shared<std::string>(piece);
      captured_.blobs.push_back(std::move(blob));
    }
    file.content = std::move(content);
    captured_.files.push_back(std::move(file));
  }

  const CaptureInput& input_;
  const PlannedUnit& unit_;
  const TargetLayout& layout_;
  const RootMap roots_;
  std::string rlib_;
  CapturedFiles captured_;
};

// Wrappers which replace build scripts by launchers leave the real one beside.
absl::Status RefuseLaunchers(const fs::path& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().native();
    if (name.ends_with(".kache-real") || name.ends_with(".kache-launch")) {
      return FailedPrecondition("another tool replaced its build script ({})", name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CapturedFiles> CaptureFiles(const CaptureInput& input,
                                           const std::vector<std::string>& rustflags) {
  const PlannedUnit& unit = input.plan.units[input.unit];
  DEPCACHE_ASSIGN_OR_RETURN(RootMap roots, input.folders.RootsFor(input.package));
  const TargetLayout& layout = LayoutOf(input.plan.layout);
  if (unit.place.kind == UnitKind::kScriptBuild) {
    const fs::path exe =
        input.folders.build_dir / layout.FilePath(unit.place, FileRole::kScriptExe, "");
    DEPCACHE_RETURN_IF_ERROR(RefuseLaunchers(exe.parent_path()));
  }
  Collector collector(input, std::move(roots));
  for (const UnitOutput& output : OutputsOf(unit)) {
    DEPCACHE_RETURN_IF_ERROR(output.role == FileRole::kOutDirEntry
                                 ? collector.AddOutDir()
                                 : collector.Add(output.role, output.name, output.is_optional));
  }
  if (HasDwarfObjects(unit, rustflags)) DEPCACHE_RETURN_IF_ERROR(collector.AddDwarfObjects());
  return collector.Take();
}

}  // namespace depcache::client
