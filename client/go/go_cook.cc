#include "client/go/go_cook.h"

#include <algorithm>
#include <set>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/go/go_recipe.h"
#include "cache/go/go_units.h"
#include "client/command.h"
#include "client/cook/layer_download.h"
#include "client/go/capture_go.h"
#include "client/go/go_checkout.h"
#include "client/go/list_packages.h"
#include "client/go/restore_go.h"
#include "client/go/share_go.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecipeFile = 64 << 20;

class GoCook {
 public:
  GoCook(Context& context, const GoCookFlags& flags) : context_(context), flags_(flags) {}

  CookSummary Run() {
    {
      const PhaseTimer timer(summary_, "total");
      summary_.exit_code = RunToCode();
    }
    return std::move(summary_);
  }

 private:
  int Fail(const absl::Status& status, ExitCode code) {
    if (IsInterrupted()) return 128 + InterruptSignal();
    context_.terminal.Error(MessageOf(status));
    return static_cast<int>(code);
  }

  int RunToCode() {
    const absl::Status read = [&] {
      const PhaseTimer timer(summary_, "recipe");
      return ReadInput();
    }();
    if (!read.ok()) return Fail(read, ExitCode::kUsage);
    summary_.recipe = RecipeHashText(recipe_);
    OpenServer();
    if (RestoreLayer()) {
      summary_.result = "hit";
      return 0;
    }
    const absl::StatusOr<int> compiled = Compile();
    if (!compiled.ok()) return Fail(compiled.status(), ExitCode::kFailed);
    return *compiled;
  }

  absl::Status ReadInput() {
    DEPCACHE_ASSIGN_OR_RETURN(setup_, ReadGoSetup(context_, context_.cwd, flags_.tags));
    caches_ = {setup_.module_cache, setup_.build_cache};
    if (flags_.recipe_path.empty()) {
      DEPCACHE_ASSIGN_OR_RETURN(skeleton_, ReadGoCheckout(context_, setup_));
    } else {
      DEPCACHE_ASSIGN_OR_RETURN(const std::string json,
                                ReadFile(context_.cwd / flags_.recipe_path, kMaxRecipeFile));
      absl::StatusOr<GoSkeleton> skeleton = ParseGoSkeleton(json);
      if (!skeleton.ok()) return Annotate(skeleton.status(), flags_.recipe_path);
      skeleton_ = *std::move(skeleton);
    }
    sums_ = SumsOf(skeleton_);
    DEPCACHE_ASSIGN_OR_RETURN(recipe_, MakeGoRecipe(skeleton_, setup_.environment));
    return absl::OkStatus();
  }

  void OpenServer() {
    if (context_.config.is_off) return;
    if (context_.config.server.empty()) {
      return WithoutServer(
          Unavailable("no server is set; set DEPCACHE_SERVER to share what is compiled"));
    }
    summary_.server = context_.config.server;
    absl::StatusOr<std::unique_ptr<RemoteCache>> remote = context_.open_remote(context_.config);
    if (!remote.ok()) return WithoutServer(remote.status());
    remote_ = *std::move(remote);
    summary_.result = "miss";
  }

  // The one line which says that there is no server, and what follows from it.
  void WithoutServer(const absl::Status& why) {
    summary_.server_error = MessageOf(why);
    remote_ = nullptr;
    if (summary_.units_restored == 0) summary_.result = "off";
    context_.terminal.Warn(fmt::format("{}; going on with go alone", MessageOf(why)));
  }

  // Whether all of the recipe's dependencies are there.
  bool RestoreLayer() {
    if (remote_ == nullptr) return false;
    const PhaseTimer timer(summary_, "restore");
    const absl::StatusOr<LayerAnswer> answer = remote_->GetLayer(recipe_.Hash());
    if (answer.status().code() == absl::StatusCode::kNotFound) return false;
    const absl::StatusOr<bool> is_whole = answer.ok() ? Restore(*answer) : answer.status();
    if (is_whole.ok()) return *is_whole;
    WithoutServer(is_whole.status());
    return false;
  }

  absl::StatusOr<bool> Restore(const LayerAnswer& answer) {
    // Without predicates there is one variant.
    if (answer.variants.empty()) return false;
    DEPCACHE_ASSIGN_OR_RETURN(const std::unique_ptr<BlobStream> blobs,
                              remote_->OpenBlobs(answer.ticket));
    DEPCACHE_ASSIGN_OR_RETURN(const LayerDownload layer,
                              DownloadLayer(answer.variants.front(), *blobs));
    if (layer.index.layout != LayoutKind::kGo) return DataLoss("the layer is none of Go's");
    summary_.bytes_received += layer.bytes_received;
    DEPCACHE_ASSIGN_OR_RETURN(const bool is_whole, RestoreRecords(layer.records, *blobs));
    summary_.units_planned =
        static_cast<std::uint32_t>(layer.records.size()) + layer.index.left_out;
    return is_whole && layer.index.left_out == 0;
  }

  absl::StatusOr<bool> RestoreRecords(const std::vector<UnitRecord>& records, BlobStream& blobs) {
    DEPCACHE_ASSIGN_OR_RETURN(const GoRestored restored,
                              RestoreGoUnits(records, sums_, caches_, blobs));
    summary_.bytes_received += restored.bytes_received;
    summary_.bytes_written += restored.bytes_written;
    for (const GoUnitState state : restored.units) {
      if (state == GoUnitState::kRestored) ++summary_.units_restored;
      if (state == GoUnitState::kPresent) ++summary_.units_present;
    }
    if (summary_.units_restored > 0) summary_.result = "partial";
    if (restored.first_error.ok()) return true;
    summary_.server_error = MessageOf(restored.first_error);
    context_.terminal.Warn(
        fmt::format("not all was restored: {}; go compiles the rest", summary_.server_error));
    return false;
  }

  // Units that are known one by one, where no layer is.
  void RestoreKnown(std::span<const UnitQuestion> questions) {
    if (remote_ == nullptr || questions.empty()) return;
    const PhaseTimer timer(summary_, "restore");
    const absl::Status status = [&]() -> absl::Status {
      DEPCACHE_ASSIGN_OR_RETURN(
          const ResolveAnswer answer,
          remote_->ResolveUnits(questions,
                                [](PredicateKind, const std::string&) { return std::nullopt; }));
      LayerIndex index;
      index.layout = LayoutKind::kGo;
      for (const ResolvedUnit& unit : answer.units) {
        index.units.push_back(LayerUnit{unit.ref, unit.record});
      }
      if (index.units.empty()) return absl::OkStatus();
      DEPCACHE_ASSIGN_OR_RETURN(const std::unique_ptr<BlobStream> blobs,
                                remote_->OpenBlobs(answer.ticket));
      DEPCACHE_ASSIGN_OR_RETURN(const LayerDownload units,
                                DownloadRecords(std::move(index), *blobs));
      summary_.bytes_received += units.bytes_received;
      return RestoreRecords(units.records, *blobs).status();
    }();
    if (!status.ok()) WithoutServer(status);
  }

  absl::StatusOr<int> Compile() {
    // In a folder of its own: what is built depends on the skeleton alone.
    DEPCACHE_ASSIGN_OR_RETURN(const ScopedTempDir scratch,
                              ScopedTempDir::Make(fs::temp_directory_path(), "depcache-go-"));
    fs::path folder = scratch.path();
    if (skeleton_.vendor.empty()) {
      DEPCACHE_RETURN_IF_ERROR(WriteGoSkeleton(skeleton_, folder));
    } else {
      DEPCACHE_ASSIGN_OR_RETURN(folder, GoRoot(setup_));
    }
    std::vector<std::string> imports = skeleton_.imports;
    const std::vector<std::string> linked = LinkedAlways(setup_.environment);
    imports.insert(imports.end(), linked.begin(), linked.end());

    RestoreKnown(ModuleQuestions());
    if (summary_.units_restored > 0 || remote_ != nullptr) {
      DEPCACHE_ASSIGN_OR_RETURN(
          const std::vector<ListedPackage> planned,
          ListPackages(context_, setup_, folder, imports, /*with_build_ids=*/false));
      RestoreKnown(PackageQuestions(planned));
    }
    const auto started = std::chrono::steady_clock::now();
    {
      const PhaseTimer timer(summary_, "compile");
      const ProcessCommand build = GoCommand(setup_, folder, {"build"}, imports);
      DEPCACHE_ASSIGN_OR_RETURN(const int exit_code, context_.processes.Stream(build, {}));
      summary_.cargo_verdict = exit_code == 0 ? "ok" : "failed";
      if (exit_code != 0) return exit_code;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    DEPCACHE_ASSIGN_OR_RETURN(
        const std::vector<ListedPackage> packages,
        ListPackages(context_, setup_, folder, imports, /*with_build_ids=*/true));
    Share(packages, took);
    return 0;
  }

  std::vector<UnitQuestion> ModuleQuestions() const {
    std::vector<UnitQuestion> questions;
    for (const auto& [name, sums] : sums_) {
      questions.push_back({GoModuleInputs({name.first, name.second}, sums), {}});
    }
    return questions;
  }

  GoModuleSums SumsFor(const GoPackage& package) const {
    const auto found = sums_.find({package.module.path, package.module.version});
    return found == sums_.end() ? GoModuleSums{} : found->second;
  }

  std::vector<UnitQuestion> PackageQuestions(const std::vector<ListedPackage>& listed) const {
    std::vector<UnitQuestion> questions;
    for (const ListedPackage& entry : listed) {
      UnitQuestion question;
      question.inputs = GoPackageInputs(recipe_, entry.package, SumsFor(entry.package));
      for (const std::size_t import : entry.imports) {
        question.deps.push_back(static_cast<std::uint32_t>(import));
      }
      questions.push_back(std::move(question));
    }
    return questions;
  }

  void Skip(const GoPackage& package, const absl::Status& why) {
    const std::string& name =
        package.import_path.empty() ? package.module.path : package.import_path;
    summary_.skipped.push_back({name, package.module.version, std::string(MessageOf(why))});
  }

  void CaptureModules(std::vector<CapturedUnit>& units) {
    for (const auto& [name, sums] : sums_) {
      GoPackage module;
      module.module = {name.first, name.second};
      absl::StatusOr<CapturedUnit> unit = CaptureGoModule(module.module, sums, caches_.modules);
      if (unit.ok()) {
        units.push_back(*std::move(unit));
      } else if (unit.status().code() != absl::StatusCode::kNotFound) {
        Skip(module, unit.status());
      }
    }
  }

  void CapturePackages(const std::vector<ListedPackage>& packages, std::vector<CapturedUnit>& units,
                       std::uint32_t compile_ms) {
    BuildCacheReader reader(
        caches_.build, {caches_.modules.native(), caches_.build.native(), context_.cwd.native()});
    std::vector<std::optional<UnitRef>> known;
    for (const ListedPackage& entry : packages) {
      std::vector<UnitRef> deps;
      for (const std::size_t import : entry.imports) {
        if (known[import]) deps.push_back(*known[import]);
      }
      known.emplace_back();
      absl::StatusOr<CapturedUnit> unit =
          deps.size() == entry.imports.size()
              ? reader.Capture(
                    [&] {
                      UnitRecord record =
                          GoRecord(GoPackageInputs(recipe_, entry.package, SumsFor(entry.package)),
                                   entry.package, std::move(deps));
                      record.compile_ms = compile_ms;
                      return record;
                    }(),
                    entry.build_id)
              : FailedPrecondition("it stands on a package that is not shared");
      if (!unit.ok()) {
        Skip(entry.package, unit.status());
        continue;
      }
      known.back() = unit->ref;
      units.push_back(*std::move(unit));
    }
  }

  void Share(const std::vector<ListedPackage>& packages, std::chrono::milliseconds took) {
    const PhaseTimer timer(summary_, "share");
    std::vector<CapturedUnit> units;
    const std::size_t done = summary_.units_restored + summary_.units_present;
    // Evenly: Go says nothing of single packages.
    const auto compile_ms = static_cast<std::uint32_t>(static_cast<std::size_t>(took.count()) /
                                                       std::max<std::size_t>(1, packages.size()));
    CaptureModules(units);
    CapturePackages(packages, units, compile_ms);
    summary_.units_planned = static_cast<std::uint32_t>(units.size() + summary_.skipped.size());
    summary_.units_built =
        summary_.units_planned -
        static_cast<std::uint32_t>(std::min<std::size_t>(done, summary_.units_planned));
    if (remote_ == nullptr) return;
    const absl::StatusOr<ServerInfo> info = remote_->GetInfo();
    if (!info.ok()) return WithoutServer(info.status());
    if (!info->can_write) {
      context_.terminal.Say(
          fmt::format("{} may only read here: what is compiled is not shared", info->principal));
      return;
    }
    const absl::Status shared = ShareGoLayer(
        *remote_, recipe_, units, static_cast<std::uint32_t>(summary_.skipped.size()), summary_);
    if (!shared.ok()) WithoutServer(shared);
  }

  Context& context_;
  const GoCookFlags& flags_;
  GoSetup setup_;
  GoCaches caches_;
  GoSkeleton skeleton_;
  GoSum sums_;
  Recipe recipe_;
  std::unique_ptr<RemoteCache> remote_;
  CookSummary summary_;
};

}  // namespace

CookSummary RunGoCook(Context& context, const GoCookFlags& flags) {
  return GoCook(context, flags).Run();
}

}  // namespace depcache::client
