#include "client/cook/restore_flow.h"

#include <algorithm>
#include <set>
#include <system_error>

#include <sys/stat.h>

#include "cache/base/clock.h"
#include "cache/base/files.h"
#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/cargo/target_layout.h"
#include "client/capture/declared_inputs.h"
#include "client/cargo/build_lock.h"
#include "client/cook/completion.h"
#include "client/cook/cost_rule.h"
#include "client/cook/known_units.h"
#include "client/cook/layer_download.h"
#include "client/cook/plan_flow.h"
#include "client/cook/restore_rate.h"
#include "client/cook/restore_sources.h"
#include "client/cook/siblings.h"
#include "client/cook/stamp.h"
#include "client/restore/invalidate.h"
#include "client/restore/restore_layer.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxHashFileBytes = 64;
// Received; below, what is measured is mostly the server's delay.
constexpr std::uint64_t kMinMeasuredBytes = 1 << 20;

std::optional<std::int64_t> TimeOf(const fs::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return info.st_mtim.tv_sec + (info.st_mtim.tv_nsec > 0 ? 1 : 0);
}

std::uint64_t HashOfText(std::string_view text) {
  const std::optional<std::string> bytes = FromHex(text);
  if (!bytes || bytes->size() != 8) return 0;
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    hash |= static_cast<std::uint64_t>(static_cast<std::uint8_t>((*bytes)[i])) << (8 * i);
  }
  return hash;
}

// One restore of one layer.
class Flow {
 public:
  Flow(Context& context, const CookInput& input, RemoteCache& remote, CookSummary& summary)
      : context_(context),
        input_(input),
        remote_(remote),
        summary_(summary),
        build_dir_(input.folders.build_dir) {}

  // Units of the plan which the server has, whatever recipe they were built for.
  absl::StatusOr<RestoreOutcome> RunUnits(const UnitPlan& plan) {
    DEPCACHE_ASSIGN_OR_RETURN(ResolveAnswer answer, Resolve(plan));
    LayerIndex index;
    index.layout = plan.layout;
    const std::vector<bool> is_foreign = FindForeign(plan);
    std::vector<std::size_t> positions;
    for (const ResolvedUnit& unit : answer.units) {
      if (is_foreign[unit.position]) continue;
      index.units.push_back(LayerUnit{unit.ref, unit.record});
      positions.push_back(unit.position);
    }
    if (index.units.empty()) return RestoreOutcome::kNothing;
    DEPCACHE_ASSIGN_OR_RETURN(blobs_, remote_.OpenBlobs(answer.ticket));
    DEPCACHE_ASSIGN_OR_RETURN(layer_, DownloadRecords(std::move(index), *blobs_));
    summary_.bytes_received += layer_.bytes_received;
    DEPCACHE_RETURN_IF_ERROR(CheckHost());
    LeaveSomeToCargo(plan, positions);
    if (layer_.records.empty()) return RestoreOutcome::kNothing;
    DEPCACHE_RETURN_IF_ERROR(RestoreUnitsOfLayer());
    return RestoreOutcome::kPartial;
  }

  absl::StatusOr<RestoreOutcome> Run(const LayerAnswer& answer) {
    const LayerVariant* variant = Choose(answer);
    if (variant == nullptr) return RestoreOutcome::kNothing;
    DEPCACHE_ASSIGN_OR_RETURN(blobs_, remote_.OpenBlobs(answer.ticket));
    DEPCACHE_ASSIGN_OR_RETURN(layer_, DownloadLayer(*variant, *blobs_));
    summary_.bytes_received += layer_.bytes_received;
    summary_.units_planned =
        static_cast<std::uint32_t>(layer_.records.size()) + layer_.index.left_out;
    DEPCACHE_RETURN_IF_ERROR(CheckHost());
    DEPCACHE_RETURN_IF_ERROR(RestoreUnitsOfLayer());
    DEPCACHE_RETURN_IF_ERROR(
        RestoreSourcesOfLayer(context_, input_, remote_, *blobs_, layer_.index.packages, summary_));
    const bool is_whole = failed_ == 0 && layer_.index.left_out == 0;
    if (is_whole) Record(*variant);
    return is_whole ? RestoreOutcome::kWhole : RestoreOutcome::kPartial;
  }

 private:
  absl::StatusOr<ResolveAnswer> Resolve(const UnitPlan& plan) {
    const PhaseTimer timer(summary_, "look");
    const RootMap roots = input_.folders.CommonRoots();
    const EnvLookup env = LookupIn(input_.variables);
    return remote_.ResolveUnits(
        QuestionsOf(plan, input_.recipe, input_.lock, input_.folders),
        [&](PredicateKind kind, const std::string& name) -> std::optional<PartDigest> {
          // A value that cannot be said is one nobody else has.
          return ValueHere(kind, name, roots, env).value_or(PartDigest());
        });
  }

  // Units that somebody else compiled here, and what stands on them: they are
  // cargo's to judge. Replacing them would have cargo compile what it has.
  std::vector<bool> FindForeign(const UnitPlan& plan) const {
    const std::vector<std::optional<KnownUnit>> known =
        FindKnownUnits(plan, ReadStamps(build_dir_), input_.folders,
                       QuestionsOf(plan, input_.recipe, input_.lock, input_.folders));
    std::vector<bool> is_foreign(plan.units.size());
    for (std::size_t i = 0; i < is_foreign.size(); ++i) {
      is_foreign[i] = !known[i] && IsBuilt(plan, i, input_.folders);
      for (const GraphDep& dep : plan.units[i].deps) {
        is_foreign[i] = is_foreign[i] || is_foreign[dep.unit];
      }
    }
    return is_foreign;
  }

  void LeaveSomeToCargo(const UnitPlan& plan, std::span<const std::size_t> positions) {
    // What cargo compiled meanwhile was left to it.
    std::erase_if(summary_.left_to_cargo, [&](const auto& unit) {
      std::error_code error;
      return !fs::exists(build_dir_ / unit.first, error);
    });
    const fs::path cache_folder = CacheFolder(context_.environment);
    // That of earlier cooks: within one, a unit is not left now and fetched then.
    if (!summary_.restore_rate) {
      summary_.restore_rate = ReadRestoreRate(cache_folder, summary_.server).value_or(0);
    }
    if (*summary_.restore_rate <= 0) return;
    const std::vector<fs::path> siblings = FindSiblings(cache_folder, build_dir_);
    summary_.left_to_cargo.merge(
        LeaveToCargo({plan, positions, input_.folders, siblings, *summary_.restore_rate},
                     layer_));
  }

  const LayerVariant* Choose(const LayerAnswer& answer) {
    const RootMap roots = input_.folders.CommonRoots();
    const EnvLookup env = LookupIn(input_.variables);
    std::string failing;
    for (const LayerVariant& variant : answer.variants) {
      const std::optional<std::string> fails = FailingPredicate(variant.predicates, roots, env);
      if (!fails) return &variant;
      failing = *fails;
    }
    summary_.other_input = failing;
    summary_.server_error =
        fmt::format("the layers of this recipe were built with another {}", failing);
    return nullptr;
  }

  absl::Status CheckHost() const {
    const auto libc = input_.recipe.parts().find("host.libc");
    static constexpr std::string_view kGlibc = "glibc 2.";
    if (libc == input_.recipe.parts().end() || !libc->second.starts_with(kGlibc)) {
      return absl::OkStatus();
    }
    const absl::StatusOr<std::uint64_t> minor =
        ParseNumber(std::string_view(libc->second).substr(kGlibc.size()), 1000);
    for (const UnitRecord& record : layer_.records) {
      if (minor.ok() && record.glibc_minor > *minor) {
        return FailedPrecondition("{} needs glibc 2.{}", record.package.name, record.glibc_minor);
      }
    }
    return absl::OkStatus();
  }

  std::vector<std::string> ProfileFolders() const {
    std::set<std::string> folders;
    for (const UnitRecord& record : layer_.records) {
      folders.insert(TargetLayout::ProfileRoot(record.place));
    }
    return {folders.begin(), folders.end()};
  }

  // What of the layer is on disk, and whether it is the layer's.
  absl::StatusOr<std::vector<PresentUnit>> LookAtDisk() {
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> hash_texts,
                              HashTexts(layer_.records, input_.folders));
    std::vector<PresentUnit> present(layer_.records.size());
    std::size_t absent = 0;
    std::size_t damaged = 0;
    for (std::size_t i = 0; i < present.size(); ++i) {
      const UnitRecord& record = layer_.records[i];
      const std::string path = LayoutOf(record.layout).HashFile(record.place);
      const absl::StatusOr<std::string> text = ReadFile(build_dir_ / path, kMaxHashFileBytes);
      if (!text.ok() || *text != hash_texts[i]) ++absent;
      const auto stamp = stamps_.find(path);
      present[i].is_kept = text.ok() && *text == hash_texts[i] && stamp != stamps_.end() &&
                           stamp->second.ref == layer_.index.units[i].ref &&
                           IsUnchanged(build_dir_, stamp->second);
      // Damaged, or ours with another output: of a variable that a crate reads,
      // Cargo's hash does not know.
      if (stamp != stamps_.end() && (stamp->second.ref != layer_.index.units[i].ref ||
                                     !IsUnchanged(build_dir_, stamp->second))) {
        ++damaged;
      }
      if (!present[i].is_kept) continue;
      for (const StampedFile& file : stamp->second.files) {
        const auto seconds =
            static_cast<std::int64_t>((file.mtime_ns + 999'999'999) / 1'000'000'000);
        present[i].newest = std::max(present[i].newest, seconds);
      }
    }
    // Cargo finds all of it fresh, if not all of it is by us: leave it as it is.
    // Not where a unit of ours is another: Cargo looks at times alone.
    if (absent == 0 && damaged == 0) {
      for (PresentUnit& unit : present) unit.is_kept = true;
    }
    return present;
  }

  absl::Status RestoreUnitsOfLayer() {
    const PhaseTimer timer(summary_, "restore");
    if (layer_.records.empty()) return absl::OkStatus();
    DEPCACHE_ASSIGN_OR_RETURN(
        const BuildLock lock,
        BuildLock::Acquire(build_dir_, ProfileFolders(), context_.config.lock_bound, [&] {
          context_.terminal.Say("waiting for another cargo in this build directory");
        }));
    DEPCACHE_RETURN_IF_ERROR(MakeTargetFolder(input_.folders.target_dir));
    stamps_ = ReadStamps(build_dir_);
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<PresentUnit> present, LookAtDisk());
    DEPCACHE_ASSIGN_OR_RETURN(const RestorePlan plan,
                              MakeRestorePlan({layer_.records, present, input_.folders, TimeOf}));
    Invalidate(plan);
    const fs::path cache_folder = CacheFolder(context_.environment);
    const std::vector<fs::path> siblings = FindSiblings(cache_folder, build_dir_);
    const SteadyTime start = std::chrono::steady_clock::now();
    DEPCACHE_ASSIGN_OR_RETURN(const RestoreResult result,
                              RestoreUnits(plan, layer_.records, input_.folders, {*blobs_, siblings},
                                           [&](std::uint64_t done, std::uint64_t total) {
                                             context_.terminal.Progress("restoring", done, total);
                                           }));
    context_.terminal.ClearProgress();
    if (result.bytes_received >= kMinMeasuredBytes) {
      NoteRestoreRate(cache_folder, summary_.server, result.bytes_written - result.bytes_copied,
                      std::chrono::steady_clock::now() - start)
          .IgnoreError();
    }
    Count(plan, result);
    return WriteStamps(build_dir_, stamps_);
  }

  void Invalidate(const RestorePlan& plan) {
    std::set<std::uint64_t> replaced;
    std::set<std::string> except;
    for (std::size_t i = 0; i < plan.units.size(); ++i) {
      const UnitRecord& record = layer_.records[i];
      except.insert(LayoutOf(record.layout).HashFile(record.place));
      if (plan.units[i].is_written) replaced.insert(HashOfText(plan.units[i].hash_text));
    }
    if (replaced.empty()) return;
    InvalidateDependents(build_dir_, ProfileFolders(), layer_.index.layout, replaced, except);
  }

  void Count(const RestorePlan& plan, const RestoreResult& result) {
    summary_.bytes_received += result.bytes_received;
    summary_.bytes_copied += result.bytes_copied;
    summary_.bytes_written += result.bytes_written;
    for (std::size_t i = 0; i < plan.units.size(); ++i) {
      const UnitRecord& record = layer_.records[i];
      if (!result.units[i].ok()) {
        ++failed_;
        summary_.skipped.push_back(
            {record.package.name, record.package.version, std::string(MessageOf(result.units[i]))});
        continue;
      }
      if (!plan.units[i].is_written) {
        ++summary_.units_present;
        Vouch(i);
        continue;
      }
      ++summary_.units_restored;
      absl::StatusOr<UnitStamp> stamp =
          MakeStamp(build_dir_, record, HashOfText(plan.units[i].hash_text));
      if (!stamp.ok()) continue;
      stamp->record = layer_.index.units[i].record;
      stamps_[LayoutOf(record.layout).HashFile(record.place)] = *std::move(stamp);
      Vouch(i);
    }
  }

  // Notes a unit that is on disk by our stamp as the server has it.
  void Vouch(std::size_t i) {
    const std::string path = LayoutOf(layer_.records[i].layout).HashFile(layer_.records[i].place);
    const auto stamp = stamps_.find(path);
    if (stamp == stamps_.end() || stamp->second.ref != layer_.index.units[i].ref) return;
    summary_.vouched[path] = stamp->second.ref;
  }

  void Record(const LayerVariant& variant) {
    Completion completion;
    for (std::size_t i = 0; i < layer_.records.size(); ++i) {
      const UnitRecord& record = layer_.records[i];
      completion.units.emplace_back(LayoutOf(record.layout).HashFile(record.place),
                                    layer_.index.units[i].ref.output);
    }
    completion.predicates = variant.predicates;
    completion.source_files = SourceFiles(input_.lock, input_.folders);
    completion.cargo_home = input_.folders.cargo_home.native();
    WriteCompletion(build_dir_, input_.recipe.Hash(), completion).IgnoreError();
  }

  Context& context_;
  const CookInput& input_;
  RemoteCache& remote_;
  CookSummary& summary_;
  const fs::path build_dir_;
  std::unique_ptr<BlobStream> blobs_;
  LayerDownload layer_;
  Stamps stamps_;
  std::size_t failed_ = 0;
};

// What was restored stays, whatever ended it.
absl::StatusOr<RestoreOutcome> Settle(Context& context, absl::StatusOr<RestoreOutcome> outcome,
                                      CookSummary& summary) {
  context.terminal.ClearProgress();
  if (outcome.ok()) return outcome;
  if (outcome.status().code() == absl::StatusCode::kCancelled) return outcome.status();
  summary.server_error = MessageOf(outcome.status());
  return summary.units_restored + summary.units_present > 0 ? RestoreOutcome::kPartial
                                                            : RestoreOutcome::kNothing;
}

}  // namespace

absl::StatusOr<RestoreOutcome> RestoreFromLayer(Context& context, const CookInput& input,
                                                RemoteCache& remote, const LayerAnswer& answer,
                                                CookSummary& summary) {
  Flow flow(context, input, remote, summary);
  return Settle(context, flow.Run(answer), summary);
}

absl::StatusOr<RestoreOutcome> RestoreKnownUnits(Context& context, const CookInput& input,
                                                 RemoteCache& remote, const UnitPlan& plan,
                                                 CookSummary& summary) {
  Flow flow(context, input, remote, summary);
  return Settle(context, flow.RunUnits(plan), summary);
}

}  // namespace depcache::client
