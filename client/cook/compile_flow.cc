#include "client/cook/compile_flow.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/target_layout.h"
#include "cache/recipe/toml_text.h"
#include "client/capture/sharer.h"
#include "client/cargo/compile.h"
#include "client/cook/audit.h"
#include "client/cook/build_lease.h"
#include "client/cook/completion.h"
#include "client/cook/known_units.h"
#include "client/cook/plan_flow.h"
#include "client/cook/restore_sources.h"
#include "client/cook/share_layer.h"
#include "client/cook/stamp.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

class Flow {
 public:
  Flow(Context& context, const CookInput& input, RemoteCache* remote, CompileMode mode,
       const CompileTurn& turn, CookSummary& summary)
      : context_(context),
        input_(input),
        remote_(remote),
        mode_(mode),
        turn_(turn),
        summary_(summary),
        build_dir_(input.folders.build_dir),
        said_before_(static_cast<std::ptrdiff_t>(summary.skipped.size())) {}

  absl::StatusOr<int> Run(absl::StatusOr<UnitPlan> plan) {
    if (plan.status().code() == absl::StatusCode::kCancelled) return plan.status();
    if (!plan.ok() && mode_ == CompileMode::kShareOnly) return plan.status();
    if (!plan.ok()) {
      context_.terminal.Warn(fmt::format("nothing will be shared: {}", MessageOf(plan.status())));
      return CompileOnly();
    }
    plan_ = *std::move(plan);
    stamps_ = ReadStamps(build_dir_);
    return CompilePlanned();
  }

 private:
  CompileRequest Request() const { return RequestOf(context_, input_, input_.folders); }

  // Without a plan: cargo's word is all there is.
  absl::StatusOr<int> CompileOnly() {
    const PhaseTimer timer(summary_, "compile");
    DEPCACHE_ASSIGN_OR_RETURN(const CompileResult compiled,
                              CompileDependencies(context_, Request()));
    // With members cargo fails in any case; a real failure was shown.
    const bool is_ok = compiled.exit_code == 0 || compiled.only_refused;
    summary_.cargo_verdict = is_ok ? "ok" : "failed";
    return is_ok ? 0 : compiled.exit_code;
  }

  // A unit that cannot be compiled here: a member, or what stands on one.
  bool IsOurs(std::size_t index) const { return !stands_on_path_[index]; }

  void FindOurs() {
    stands_on_path_.assign(plan_.units.size(), false);
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      const PlannedUnit& unit = plan_.units[i];
      stands_on_path_[i] = unit.is_path_package ||
                           std::any_of(unit.deps.begin(), unit.deps.end(),
                                       [&](const GraphDep& d) { return stands_on_path_[d.unit]; });
    }
  }

  absl::StatusOr<int> CompilePlanned() {
    FindOurs();
    std::vector<std::optional<KnownUnit>> known = FindKnownUnits(
        plan_, stamps_, input_.folders,
        QuestionsOf(plan_, input_.recipe, input_.lock, input_.folders));
    has_all_ = HasAll(known);
    audit_.emplace(plan_, input_.folders, known, summary_.vouched);
    const std::vector<bool> is_trusted = ForgetUnsent(known);
    Sharer sharer({plan_, input_.recipe, input_.lock, input_.folders, context_.processes, remote_,
                   [&](std::span<const std::size_t> units) { Release(units); },
                   LookupIn(input_.variables)},
                  known, is_trusted);
    sharer.Start();
    absl::StatusOr<CompileResult> compiled = Compile();
    if (compiled.ok()) compiled = Heal(*std::move(compiled));
    const bool is_cancelled = !compiled.ok();
    ShareResult shared = [&] {
      const PhaseTimer timer(summary_, "share");
      return sharer.Finish(is_cancelled);
    }();
    // Also if interrupted: without a stamp, the next cook takes what is done for plain cargo's.
    Stamp(shared);
    DEPCACHE_RETURN_IF_ERROR(compiled.status());
    auto accused = audit_->Accuse(compiled->stale, broken_, shared.known);
    std::move(accused.begin(), accused.end(), std::back_inserter(summary_.accused));
    CountSent(shared);
    if (IsPart() && (compiled->exit_code == 0 || compiled->only_refused)) {
      CountBuilt();
      for (std::size_t i = 0; i < plan_.units.size(); ++i) {
        if (IsBuilt(plan_, i, input_.folders)) AddSkipped(i, shared);
      }
      return 0;
    }
    const bool is_complete = CountUnits(shared);
    if (is_complete) {
      Record(shared);
      ShareWhole(shared);
    }
    summary_.cargo_verdict = is_complete ? "ok" : "failed";
    if (is_complete) return 0;
    return compiled->exit_code == 0 ? 1 : compiled->exit_code;
  }

  // Where rustc or the loader could not use what was there before: takes that
  // away, with all that stands on it, and lets cargo compile once more.
  absl::StatusOr<CompileResult> Heal(CompileResult compiled) {
    if (compiled.exit_code == 0 || IsAllBuilt()) return compiled;
    const std::vector<std::size_t> broken = audit_->FindBroken(compiled.errors);
    if (broken.empty()) return compiled;
    for (const std::size_t unit : broken) broken_[unit] = audit_->ErrorOf(unit, compiled.errors);
    const absl::StatusOr<std::size_t> wiped = audit_->Wipe(context_, broken, stamps_);
    if (!wiped.ok()) {
      context_.terminal.Warn(MessageOf(wiped.status()));
      return compiled;
    }
    context_.terminal.Say(fmt::format(
        "{} units that were there could not be used: took away {} with what stands on them, "
        "compiling again",
        broken.size(), *wiped));
    DEPCACHE_ASSIGN_OR_RETURN(CompileResult again, Compile());
    again.stale.insert(again.stale.begin(), compiled.stale.begin(), compiled.stale.end());
    return again;
  }

  bool IsAllBuilt() const {
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      if (IsOurs(i) && !IsBuilt(plan_, i, input_.folders)) return false;
    }
    return true;
  }

  // Every unit of ours is there and known: cargo has nothing to do.
  bool HasAll(const std::vector<std::optional<KnownUnit>>& known) const {
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (IsOurs(i) && !known[i]) return false;
    }
    return true;
  }

  absl::StatusOr<CompileResult> Compile() {
    if (mode_ == CompileMode::kShareOnly || has_all_) return CompileResult{};
    const PhaseTimer timer(summary_, "compile");
    CompileRequest request = Request();
    request.asks_for_reasons = !summary_.vouched.empty();
    AddRefused(plan_, turn_.left_out, request);
    request.on_failed = [this](const std::string& package) { ReleaseFailed(package); };
    return CompileDependencies(context_, request);
  }

  bool IsPart() const { return !turn_.left_out.empty(); }

  void Release(std::span<const std::size_t> units) const {
    if (turn_.lease != nullptr) turn_.lease->Release(units);
  }

  // Nothing that stands on a unit which failed will come from here.
  void ReleaseFailed(const std::string& package) const {
    std::vector<bool> has_failed(plan_.units.size(), false);
    std::vector<std::size_t> units;
    for (std::size_t i = 0; i < has_failed.size(); ++i) {
      const PlannedUnit& unit = plan_.units[i];
      has_failed[i] = (unit.package.name == package && !IsBuilt(plan_, i, input_.folders)) ||
                      std::any_of(unit.deps.begin(), unit.deps.end(),
                                  [&](const GraphDep& d) { return has_failed[d.unit]; });
      if (has_failed[i]) units.push_back(i);
    }
    Release(units);
  }

  // Units of ours that the server does not have any more, or never had, are
  // captured again. Says which.
  std::vector<bool> ForgetUnsent(std::vector<std::optional<KnownUnit>>& known) {
    std::vector<bool> is_forgotten(known.size(), false);
    if (remote_ == nullptr) return is_forgotten;
    std::vector<Digest> records;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (!known[i]) continue;
      records.push_back(known[i]->record);
      owners.push_back(i);
    }
    if (records.empty()) return is_forgotten;
    const absl::StatusOr<std::vector<std::uint32_t>> missing = remote_->FindMissing(records);
    if (!missing.ok()) return is_forgotten;
    for (const std::uint32_t position : *missing) {
      known[owners[position]].reset();
      is_forgotten[owners[position]] = true;
    }
    return is_forgotten;
  }

  void CountSent(const ShareResult& shared) {
    summary_.units_shared += static_cast<std::uint32_t>(shared.sent.size());
    summary_.bytes_sent += shared.bytes_sent;
    if (!shared.remote_status.ok()) summary_.server_error = MessageOf(shared.remote_status);
  }

  bool WasBuilt(std::size_t i) const {
    return IsOurs(i) && audit_->WasCompiled(i) && IsBuilt(plan_, i, input_.folders);
  }

  void CountBuilt() {
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      if (WasBuilt(i)) ++summary_.units_built;
    }
  }

  // True if every dependency unit is built.
  bool CountUnits(const ShareResult& shared) {
    bool is_complete = true;
    const std::uint32_t built_before = summary_.units_built;
    summary_.units_planned = summary_.units_present = 0;
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      if (!IsOurs(i)) {
        // Members are the workspace's own; what stands on one is a dependency
        // that cannot be shared.
        if (!plan_.units[i].is_path_package) AddSkipped(i, shared);
        continue;
      }
      ++summary_.units_planned;
      const bool is_built = IsBuilt(plan_, i, input_.folders);
      is_complete = is_complete && is_built;
      if (is_built && !WasBuilt(i)) ++summary_.units_present;
      AddSkipped(i, shared);
    }
    CountBuilt();
    summary_.units_present -=
        std::min(summary_.units_present, summary_.units_restored + built_before);
    return is_complete;
  }

  void AddSkipped(std::size_t index, const ShareResult& shared) {
    const PlannedUnit& unit = plan_.units[index];
    const auto refused = shared.refused.find(index);
    std::string reason;
    if (!unit.is_eligible) reason = unit.skip_reason;
    if (refused != shared.refused.end()) reason = refused->second;
    // A part of the cook knew it better.
    const bool is_said = std::any_of(
        summary_.skipped.begin(), summary_.skipped.begin() + said_before_, [&](const auto& said) {
          return said.package == unit.package.name && said.version == unit.package.version;
        });
    if (!reason.empty() && !is_said) {
      summary_.skipped.push_back({unit.package.name, unit.package.version, std::move(reason)});
    }
  }

  void Stamp(const ShareResult& shared) {
    for (const auto& [index, record] : shared.records) {
      absl::StatusOr<UnitStamp> stamp =
          MakeStamp(build_dir_, record, shared.known[index]->fingerprint_hash);
      if (!stamp.ok()) continue;
      stamp->record = shared.known[index]->record;
      stamps_[LayoutOf(plan_.layout).HashFile(plan_.units[index].place)] = *std::move(stamp);
    }
    WriteStamps(build_dir_, stamps_).IgnoreError();
  }

  // Notes that all is there, if we know every unit.
  void Record(const ShareResult& shared) {
    Completion completion;
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      if (!IsOurs(i)) continue;
      if (!shared.known[i]) return;
      completion.units.emplace_back(LayoutOf(plan_.layout).HashFile(plan_.units[i].place),
                                    shared.known[i]->ref.output);
      // Of restored units too: all of them are stamped by now.
      const auto stamp = stamps_.find(completion.units.back().first);
      if (stamp == stamps_.end()) return;
      completion.predicates.insert(completion.predicates.end(), stamp->second.predicates.begin(),
                                   stamp->second.predicates.end());
    }
    completion.predicates = Normalized(std::move(completion.predicates));
    completion.source_files = SourceFiles(input_.lock, input_.folders);
    completion.cargo_home = input_.folders.cargo_home.native();
    WriteCompletion(build_dir_, input_.recipe.Hash(), completion).IgnoreError();
  }

  void ShareWhole(const ShareResult& shared) {
    if (remote_ == nullptr || !shared.remote_status.ok()) return;
    const PhaseTimer timer(summary_, "share");
    std::vector<KnownUnit> units;
    std::uint32_t left_out = 0;
    for (std::size_t i = 0; i < plan_.units.size(); ++i) {
      if (!IsOurs(i)) continue;
      if (shared.known[i]) units.push_back(*shared.known[i]);
      if (!shared.known[i]) ++left_out;
    }
    const absl::StatusOr<std::uint64_t> sent =
        ShareLayer(context_, input_, *remote_, plan_.layout, units, left_out);
    summary_.layer_recorded = sent.ok();
    summary_.bytes_sent += sent.value_or(0);
    if (!sent.ok()) summary_.server_error = MessageOf(sent.status());
  }

  Context& context_;
  const CookInput& input_;
  RemoteCache* const remote_;
  const CompileMode mode_;
  const CompileTurn& turn_;
  CookSummary& summary_;
  const fs::path build_dir_;
  const std::ptrdiff_t said_before_;  // skipped units of the parts before
  UnitPlan plan_;
  Stamps stamps_;
  std::optional<Audit> audit_;
  std::map<std::size_t, std::string> broken_;  // plan index -> what rustc or the loader said
  std::vector<bool> stands_on_path_;
  bool has_all_ = false;
};

}  // namespace

CompileRequest RequestOf(const Context& context, const CookInput& input,
                         const MachineFolders& folders) {
  CompileRequest request{input.compiler.cargo,
                         CargoArguments(input.flags),
                         input.run_dir,
                         ManifestPathOf(context, input),
                         folders,
                         input.tools.rustc_commit,
                         input.compiler.wrapper,
                         {},
                         {},
                         input.flags.verbose,
                         input.flags.timings,
                         false,
                         {}};
  for (const fs::path& folder : input.PackageFolders()) {
    request.refused_dirs.push_back(folder.native());
  }
  for (const SkeletonManifest& manifest : input.skeleton.manifests) {
    const absl::StatusOr<TomlTable> table = ParseToml(manifest.contents);
    const std::string* name =
        table.ok() ? FindString(FindTable(&*table, "package"), "name") : nullptr;
    if (name != nullptr) request.refused_names.push_back(*name);
  }
  return request;
}

absl::StatusOr<int> CompileAndShare(Context& context, const CookInput& input,
                                    absl::StatusOr<UnitPlan> plan, RemoteCache* remote,
                                    CompileMode mode, const CompileTurn& turn,
                                    CookSummary& summary) {
  return Flow(context, input, remote, mode, turn, summary).Run(std::move(plan));
}

}  // namespace depcache::client
