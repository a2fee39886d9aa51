#include "client/cook/verify.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <random>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/file_parts.h"
#include "cache/cargo/target_layout.h"
#include "client/capture/sharer.h"
#include "client/cook/compile_flow.h"
#include "client/cook/known_units.h"
#include "client/cook/plan_flow.h"
#include "client/cook/stamp.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 4ULL << 30;
constexpr std::size_t kMaxPlaces = 20;  // of one unit

// A build directory and the units in it.
struct Build {
  MachineFolders folders;
  std::map<std::size_t, UnitRecord> records;  // by plan index
};

// With its time, to the nanosecond: Cargo compares them.
absl::Status CopyFile(const fs::path& from, const fs::path& to) {
  struct stat info {};
  if (stat(from.c_str(), &info) != 0) {
    return FromErrno(errno, fmt::format("stat {}", from.native()));
  }
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(to.parent_path()));
  std::error_code error;
  fs::copy(from, to, fs::copy_options::copy_symlinks | fs::copy_options::overwrite_existing, error);
  if (error) return FromErrno(error.value(), fmt::format("copy {}", from.native()));
  const timespec times[2] = {info.st_mtim, info.st_mtim};
  if (utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return FromErrno(errno, fmt::format("set the time of {}", to.native()));
  }
  return absl::OkStatus();
}

class Verification {
 public:
  Verification(Context& context, const CookInput& input, const UnitPlan& plan, CookSummary& summary)
      : context_(context),
        input_(input),
        plan_(plan),
        summary_(summary),
        layout_(LayoutOf(plan.layout)),
        stamps_(ReadStamps(input.folders.build_dir)),
        known_(FindKnownUnits(plan, stamps_, input.folders,
                              QuestionsOf(plan, input.recipe, input.lock, input.folders))),
        is_compiled_(plan.units.size()) {}

  absl::Status Run(std::uint32_t percent) {
    const std::size_t count = Choose(percent);
    if (count == 0) return absl::OkStatus();
    context_.terminal.Say(fmt::format("verifying: compiling {} units again", count));
    const Build there = Capture(input_.folders);
    DEPCACHE_ASSIGN_OR_RETURN(const ScopedTempDir first_dir, MakeScratch());
    DEPCACHE_ASSIGN_OR_RETURN(const Build first, CompileIn(first_dir.path()));
    std::vector<std::size_t> differing;
    for (std::size_t i = 0; i < is_compiled_.size(); ++i) {
      if (!is_compiled_[i]) continue;
      verdicts_[i] = Compare(i, there, first);
      if (verdicts_[i] == Verdict::kDiffers) differing.push_back(i);
    }
    if (!differing.empty()) {
      context_.terminal.Say(
          fmt::format("{} units differ: compiling once more", differing.size()));
      DEPCACHE_ASSIGN_OR_RETURN(const ScopedTempDir second_dir, MakeScratch());
      DEPCACHE_ASSIGN_OR_RETURN(const Build second, CompileIn(second_dir.path()));
      for (const std::size_t i : differing) {
        if (Compare(i, first, second) != Verdict::kSame) verdicts_[i] = Verdict::kNotReproducible;
      }
    }
    Tell(there, first);
    return absl::OkStatus();
  }

 private:
  // Marks what is compiled again; how many.
  std::size_t Choose(std::uint32_t percent) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (known_[i]) all.push_back(i);
    }
    if (all.empty()) return 0;
    std::shuffle(all.begin(), all.end(), std::mt19937_64(std::random_device{}()));
    all.resize(std::max<std::size_t>(1, all.size() * percent / 100));
    for (const std::size_t i : all) is_compiled_[i] = true;
    for (std::size_t i = 0; i < known_.size(); ++i) {
      for (const GraphDep& dep : plan_.units[i].deps) {
        if (is_compiled_[dep.unit] && known_[i]) is_compiled_[i] = true;
      }
    }
    return static_cast<std::size_t>(std::count(is_compiled_.begin(), is_compiled_.end(), true));
  }

  absl::StatusOr<ScopedTempDir> MakeScratch() const {
    const fs::path parent = input_.folders.build_dir / ".depcache";
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(parent));
    return ScopedTempDir::Make(parent, "verify-");
  }

  absl::Status CopyUnit(std::size_t i, const fs::path& to) const {
    const UnitPlace& place = plan_.units[i].place;
    const fs::path& from = input_.folders.build_dir;
    std::vector<std::string> files = {layout_.JsonFile(place)};
    for (const StampedFile& file : stamps_.at(layout_.HashFile(place)).files) {
      files.push_back(file.path);
    }
    if (place.kind == UnitKind::kScriptRun) {
      files.push_back(layout_.RootOutputFile(place));
      DEPCACHE_RETURN_IF_ERROR(CreateDirectories(to / layout_.OutDir(place)));
    }
    for (const std::string& file : files) {
      DEPCACHE_RETURN_IF_ERROR(CopyFile(from / file, to / file));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Build> CompileIn(const fs::path& scratch) {
    const PhaseTimer timer(summary_, "verify");
    MachineFolders folders = input_.folders;
    // Not the same, so that cargo is told both: a configured build-dir would win.
    folders.build_dir = scratch;
    folders.target_dir = scratch / "target";
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (known_[i] && !is_compiled_[i]) DEPCACHE_RETURN_IF_ERROR(CopyUnit(i, scratch));
    }
    CompileRequest request = RequestOf(context_, input_, folders);
    AddRefused(plan_, {}, request);
    // Whatever does not compile here is not compared.
    DEPCACHE_RETURN_IF_ERROR(CompileDependencies(context_, request).status());
    return Capture(folders);
  }

  // Reads all units that are there, by the same rules as for sharing.
  Build Capture(const MachineFolders& folders) const {
    const std::vector<bool> all(plan_.units.size(), true);
    Sharer sharer({plan_, input_.recipe, input_.lock, folders, context_.processes, nullptr, {}},
                  std::vector<std::optional<KnownUnit>>(plan_.units.size()), all);
    sharer.Start();
    return {folders, sharer.Finish(/*is_cancelled=*/false).records};
  }

  fs::path PathOf(const Build& build, std::size_t unit, const UnitFile& file) const {
    return build.folders.build_dir /
           layout_.FilePath(plan_.units[unit].place, file.role, file.name);
  }

  // Files of a unit, and the places in them, where the bytes differ.
  std::vector<FileDifference> Differences(std::size_t unit, const Build& a, const Build& b) const {
    std::map<std::pair<FileRole, std::string>, const UnitFile*> others;
    for (const UnitFile& file : b.records.at(unit).files) others[{file.role, file.name}] = &file;
    std::vector<FileDifference> all;
    for (const UnitFile& file : a.records.at(unit).files) {
      const fs::path path = PathOf(a, unit, file);
      const auto other = others.find({file.role, file.name});
      if (other == others.end()) {
        all.push_back({fmt::format("{} is not made", path.filename().native()), false});
        continue;
      }
      const bool is_same = *other->second == file;
      others.erase(other);
      if (is_same) continue;
      const auto bytes = ReadFile(path, kMaxFileBytes);
      const auto other_bytes = ReadFile(PathOf(b, unit, file), kMaxFileBytes);
      std::vector<FileDifference> parts = {{"", false}};
      // Of text with placeholders the stored form differs.
      if (bytes.ok() && other_bytes.ok() && !file.is_rooted && *bytes != *other_bytes) {
        parts = DifferencesOf(*bytes, *other_bytes);
      }
      for (FileDifference& part : parts) {
        const std::string name = path.filename().native();
        part.part = part.part.empty() ? name : fmt::format("{}: {}", name, part.part);
        all.push_back(std::move(part));
      }
    }
    for (const auto& [role_and_name, file] : others) {
      all.push_back({fmt::format("{} is new", PathOf(b, unit, *file).filename().native()), false});
    }
    return all;
  }

  Verdict Compare(std::size_t unit, const Build& a, const Build& b) const {
    if (!a.records.contains(unit) || !b.records.contains(unit)) return Verdict::kNotCompared;
    if (OutputOf(a.records.at(unit)) == OutputOf(b.records.at(unit))) return Verdict::kSame;
    const std::vector<FileDifference> all = Differences(unit, a, b);
    const bool is_debug_only = std::all_of(all.begin(), all.end(), [](const FileDifference& d) {
      return d.is_debug;
    });
    return is_debug_only ? Verdict::kDebugOnly : Verdict::kDiffers;
  }

  void Tell(const Build& there, const Build& now) {
    std::vector<bool> is_different(plan_.units.size());  // it, or what it stands on
    for (const auto& [unit, verdict] : verdicts_) {      // dependencies first
      const bool stands_on_different =
          std::any_of(plan_.units[unit].deps.begin(), plan_.units[unit].deps.end(),
                      [&](const GraphDep& dep) { return is_different[dep.unit]; });
      is_different[unit] = stands_on_different || verdict == Verdict::kDiffers ||
                           verdict == Verdict::kNotReproducible;
      VerifiedUnits& verified = summary_.verified;
      ++verified.compiled;
      if (verdict == Verdict::kSame) ++verified.same;
      if (verdict == Verdict::kDebugOnly) ++verified.debug_only;
      if (verdict == Verdict::kNotCompared) ++verified.not_compared;
      if (verdict != Verdict::kDiffers && verdict != Verdict::kNotReproducible) continue;
      VerifiedDifference difference;
      difference.package = plan_.units[unit].package.name;
      difference.version = plan_.units[unit].package.version;
      difference.is_reproducible = verdict == Verdict::kDiffers;
      difference.stands_on_different = stands_on_different;
      for (const FileDifference& place : Differences(unit, there, now)) {
        if (difference.places.size() < kMaxPlaces) difference.places.push_back(place.part);
      }
      if (difference.is_reproducible && !difference.stands_on_different) Accuse(unit, difference);
      verified.differences.push_back(std::move(difference));
    }
  }

  void Accuse(std::size_t unit, const VerifiedDifference& difference) {
    AccusedUnit accused;
    accused.package = difference.package;
    accused.version = difference.version;
    accused.reason = ReportReason::kDiffers;
    accused.text = fmt::format("{}", fmt::join(difference.places, ", ")).substr(0, kMaxReasonBytes);
    accused.ref = known_[unit]->ref;
    accused.was_restored = true;
    summary_.accused.push_back(std::move(accused));
  }

  Context& context_;
  const CookInput& input_;
  const UnitPlan& plan_;
  CookSummary& summary_;
  const TargetLayout& layout_;
  const Stamps stamps_;
  const std::vector<std::optional<KnownUnit>> known_;
  std::vector<bool> is_compiled_;
  std::map<std::size_t, Verdict> verdicts_;
};

}  // namespace

absl::Status VerifyUnits(Context& context, const CookInput& input, const UnitPlan& plan,
                         std::uint32_t percent, CookSummary& summary) {
  return Verification(context, input, plan, summary).Run(percent);
}

}  // namespace depcache::client
