#include "client/capture/sharer.h"

#include <algorithm>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/target_layout.h"
#include "client/capture/capture_packages.h"
#include "client/capture/git_sources.h"
#include "client/capture/locked_packages.h"
#include "client/capture/hash_file.h"
#include "client/capture/unit_keys.h"
#include "client/capture/unit_sender.h"

namespace depcache::client {
namespace {

constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::seconds kLastLook{1};
constexpr std::chrono::seconds kMaxBatchAge{3};
constexpr std::uint64_t kMaxBatchBytes = 32 << 20;
constexpr int kNice = 10;

}  // namespace

class Sharer::Worker {
 public:
  Worker(const SharerInput& input, std::vector<std::optional<KnownUnit>> known,
         const std::vector<bool>& is_trusted)
      : input_(input),
        layout_(LayoutOf(input.plan.layout)),
        scanner_(input.folders.ScanRoots()),
        locked_(input.lock, input.folders),
        is_settled_(input.plan.units.size(), false),
        foreign_(input.plan.units.size()),
        states_(input.plan.units.size()),
        first_runs_(input.plan.units.size()) {
    if (input.remote != nullptr) sender_.emplace(*input.remote);
    result_.known = std::move(known);
    for (std::size_t i = 0; i < input.plan.units.size(); ++i) {
      is_settled_[i] = result_.known[i].has_value() || !input.plan.units[i].is_eligible;
      if (!is_settled_[i] && !is_trusted[i]) foreign_[i] = StateOf(i);
      if (result_.known[i]) states_[i] = StateOf(i);
      if (input.plan.units[i].place.kind == UnitKind::kScriptRun && IsWhole(StateOf(i))) {
        first_runs_[i] = StateOf(i);
      }
    }
  }

  void Run() {
    // Of this thread alone, on Linux.
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
    while (!WaitForEnd()) Look(/*is_last=*/false);
    Look(/*is_last=*/true);
    if (!is_cancelled()) Flush();
  }

  void End(bool is_cancelled) {
    {
      MutexLock lock(mutex_);
      has_ended_ = true;
      is_cancelled_ = is_cancelled;
      give_up_at_ = std::chrono::steady_clock::now() + kLastLook;
    }
    changed_.NotifyAll();
  }

  ShareResult Take() {
    if (sender_) result_.bytes_sent = sender_->bytes_sent();
    std::sort(result_.sent.begin(), result_.sent.end());
    result_.sent.erase(std::unique(result_.sent.begin(), result_.sent.end()), result_.sent.end());
    return std::move(result_);
  }

 private:
  std::optional<HashFileState> StateOf(std::size_t unit) const {
    return ReadHashFileState(input_.folders.build_dir /
                             layout_.HashFile(input_.plan.units[unit].place));
  }

  // True when cargo has ended; false when it is time to look again.
  bool WaitForEnd() {
    MutexLock lock(mutex_);
    const SteadyTime next = std::chrono::steady_clock::now() + kLook;
    while (!has_ended_) {
      if (!changed_.WaitUntil(mutex_, next)) return has_ended_;
    }
    return true;
  }

  bool is_cancelled() {
    MutexLock lock(mutex_);
    return is_cancelled_;
  }

  // After an interrupt, what is complete is still captured, for the stamps: the
  // next cook would take it for plain cargo's. But nobody waits long for that.
  bool MustStop() {
    MutexLock lock(mutex_);
    return is_cancelled_ && std::chrono::steady_clock::now() >= give_up_at_;
  }

  // What is known of a unit that cargo compiles again, or that was wiped, is
  // of other bytes.
  void ForgetChanged() {
    for (std::size_t i = 0; i < input_.plan.units.size(); ++i) {
      if (!result_.known[i] || StateOf(i) == states_[i]) continue;
      result_.known[i].reset();
      result_.records.erase(i);
      is_settled_[i] = false;
      foreign_[i].reset();
    }
  }

  // A script that ran again, over what its earlier run had left in OUT_DIR:
  // Cargo does not empty it, so it may hold more than one run makes.
  bool RanOverAnother(std::size_t unit, const std::optional<HashFileState>& state) {
    if (!state) first_runs_[unit].reset();  // taken away with its folders, not by Cargo
    return first_runs_[unit] && IsWhole(state) && state != first_runs_[unit];
  }

  void Look(bool is_last) {
    ForgetChanged();
    for (std::size_t i = 0; i < input_.plan.units.size(); ++i) {
      if (is_settled_[i] || !AreDepsKnown(i, is_last)) continue;
      const std::optional<HashFileState> state = StateOf(i);
      const bool is_complete = IsWhole(state);
      if (RanOverAnother(i, state)) {
        Refuse(i, "its script ran again in an OUT_DIR that was not empty");
      } else if (is_complete && state != foreign_[i]) {
        Capture(i, is_last);
      } else if (is_last) {
        Refuse(i, is_complete ? "it was built without the path remaps of depcache"
                              : "it was not built");
      }
      if (MustStop()) return;
    }
    Settle(given_up_);
    given_up_.clear();
    if (!is_last && !is_cancelled() && sender_ && !sender_->IsEmpty() &&
        (sender_->pending_bytes() >= kMaxBatchBytes ||
         std::chrono::steady_clock::now() - batch_start_ >= kMaxBatchAge)) {
      Flush();
    }
  }

  bool AreDepsKnown(std::size_t unit, bool is_last) {
    for (const GraphDep& dep : input_.plan.units[unit].deps) {
      if (result_.known[dep.unit]) continue;
      if (is_last || is_settled_[dep.unit]) {
        Refuse(unit, fmt::format("it stands on {}, which is not shared",
                                 input_.plan.units[dep.unit].package.name));
      }
      return false;
    }
    return true;
  }

  void Refuse(std::size_t unit, std::string why) {
    is_settled_[unit] = true;
    result_.refused[unit] = std::move(why);
    given_up_.push_back(unit);
  }

  void Settle(std::span<const std::size_t> units) const {
    if (!units.empty() && input_.on_settled) input_.on_settled(units);
  }

  absl::Status SourcesOf(const PackageId& package) {
    // A repository of many packages is looked at once.
    const bool is_git = IsGitSource(package.source) && package.checksum.empty();
    const std::string what = is_git ? package.source : package.checksum;
    const auto known = sources_.find(what);
    if (known != sources_.end()) return known->second;
    return sources_[what] =
               is_git ? SnapshotOfCheckout(package.source, input_.folders, input_.processes).status()
                      : CheckSources(package, input_.folders);
  }

  absl::StatusOr<CapturedUnit> TryCapture(std::size_t i) {
    DEPCACHE_ASSIGN_OR_RETURN(const PackageId package,
                              locked_.Find(input_.plan.units[i]));
    DEPCACHE_RETURN_IF_ERROR(SourcesOf(package));
    return CaptureUnit({input_.plan, i, result_.known,
                        KeyPartsOf(input_.plan, i, input_.recipe, package), package,
                        input_.folders, scanner_, IsNative(input_.plan, i), input_.env});
  }

  void Capture(std::size_t i, bool is_last) {
    states_[i] = StateOf(i);  // before anything is read
    absl::StatusOr<CapturedUnit> captured = TryCapture(i);
    if (!captured.ok()) {
      // Cargo writes the hash file before the fingerprint it belongs to: what
      // is wrong now may be right at the next look.
      if (!is_last && retried_.insert(i).second) return;
      Refuse(i, std::string(MessageOf(captured.status())));
      return;
    }
    is_settled_[i] = true;
    result_.known[i] =
        KnownUnit{captured->ref, captured->record_digest, captured->fingerprint_hash};
    if (sender_ && result_.remote_status.ok()) {
      if (sender_->IsEmpty()) batch_start_ = std::chrono::steady_clock::now();
      sender_->Add(i, *captured);
    }
    result_.records[i] = std::move(captured->record);
  }

  void Flush() {
    if (!sender_ || sender_->IsEmpty() || !result_.remote_status.ok()) return;
    absl::StatusOr<std::vector<std::size_t>> sent = sender_->Flush();
    if (!sent.ok()) {
      result_.remote_status = sent.status();
      return;
    }
    result_.sent.insert(result_.sent.end(), sent->begin(), sent->end());
    Settle(*sent);
  }

  const SharerInput input_;
  const TargetLayout& layout_;
  const RootScanner scanner_;
  std::optional<UnitSender> sender_;
  const LockedPackages locked_;
  std::map<std::string, absl::Status> sources_;  // by what they were checked for
  std::vector<std::size_t> given_up_;  // refused in this look
  std::set<std::size_t> retried_;  // refused once, to be looked at again
  std::vector<bool> is_settled_;  // captured, refused, or none of ours
  std::vector<std::optional<HashFileState>> foreign_;  // of unknown units, before cargo ran
  std::vector<std::optional<HashFileState>> states_;  // of known units, when they became known
  std::vector<std::optional<HashFileState>> first_runs_;  // of scripts that had run before
  SteadyTime batch_start_{};
  ShareResult result_;

  Mutex mutex_;
  CondVar changed_;
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  SteadyTime give_up_at_ ABSL_GUARDED_BY(mutex_){};
};

Sharer::Sharer(const SharerInput& input, std::vector<std::optional<KnownUnit>> known,
               const std::vector<bool>& is_trusted)
    : worker_(std::make_unique<Worker>(input, std::move(known), is_trusted)) {}

Sharer::~Sharer() {
  if (thread_.joinable()) Finish(/*is_cancelled=*/true);
}

void Sharer::Start() {
  thread_ = std::thread([this] { worker_->Run(); });
}

ShareResult Sharer::Finish(bool is_cancelled) {
  worker_->End(is_cancelled);
  if (thread_.joinable()) thread_.join();
  return worker_->Take();
}

}  // namespace depcache::client
