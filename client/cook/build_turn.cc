#include "client/cook/build_turn.h"

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include <poll.h>

#include "cache/base/clock.h"
#include "cache/base/status.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/unit_key.h"
#include "client/cook/known_units.h"
#include "client/cook/plan_flow.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

using std::chrono::milliseconds;

// A lease that lapses is seen when the server is asked.
constexpr milliseconds kAskInterval{5000};
// Where the server does not tell what lands.
constexpr milliseconds kPollInterval{4000};
// Restoring what landed takes at most about this part of the time.
constexpr int kRestoreShare = 5;

// Longest time that compiling these units here would take by what is known of
// them; nullopt where it is not known. Units run in parallel, the slowest alone.
std::optional<milliseconds> OwnTime(const BuildAnswer& answer) {
  if (answer.expected_total.count() == 0) return std::nullopt;
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1U);
  return std::max(answer.expected_longest, answer.expected_total / processors);
}

enum class Woken { kInterrupted, kTold, kByTime };

// Until `deadline`, or until `told` is readable; -1 is never.
Woken WaitUntil(SteadyTime deadline, int told) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  std::array<pollfd, 2> wait{pollfd{InterruptFd(), POLLIN, 0}, pollfd{told, POLLIN, 0}};
  poll(wait.data(), wait.size(), static_cast<int>(std::max(left, milliseconds(0)).count()));
  if (IsInterrupted()) return Woken::kInterrupted;
  return wait[1].revents != 0 ? Woken::kTold : Woken::kByTime;
}

// By plan index; nullopt where no other builder could ever be waited for.
std::vector<std::optional<BuildKey>> BuildKeysOf(const std::vector<UnitQuestion>& questions) {
  std::vector<std::optional<BuildKey>> keys(questions.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::vector<BuildKey> deps;
    for (const std::uint32_t dep : questions[i].deps) {
      if (keys[dep]) deps.push_back(*keys[dep]);
    }
    if (!questions[i].inputs || deps.size() != questions[i].deps.size()) continue;
    keys[i] = BuildKeyOf(*questions[i].inputs, std::move(deps));
  }
  return keys;
}

class Wait {
 public:
  Wait(const TurnInput& input, const CookSummary& summary)
      : input_(input),
        summary_(summary),
        questions_(
            QuestionsOf(input.plan, input.input.recipe, input.input.lock, input.input.folders)),
        keys_(BuildKeysOf(questions_)),
        begin_(std::chrono::steady_clock::now()),
        give_up_(begin_ + input.context.config.wait_bound) {}

  absl::StatusOr<Turn> Run() {
    Look();
    while (!missing_.empty()) {
      const absl::StatusOr<BuildAnswer> answer = Ask();
      // Without the server's advice everyone compiles.
      if (!answer.ok()) break;
      if (answer->held.empty()) {
        // Whoever was before us may have landed everything since we last looked.
        DEPCACHE_RETURN_IF_ERROR(Restore());
        if (missing_.empty()) lease_.reset();
        break;
      }
      if (!has_announced_) Announce(*answer);
      DEPCACHE_ASSIGN_OR_RETURN(const bool has_started, StartOnTheRest(*answer));
      if (failed_) return Turn{std::move(lease_), failed_};
      if (has_started) continue;
      DEPCACHE_ASSIGN_OR_RETURN(const bool goes_on, WaitForOthers(*answer));
      if (!goes_on) break;
    }
    return Turn{std::move(lease_), std::nullopt};
  }

 private:
  absl::StatusOr<BuildAnswer> Ask() {
    std::vector<UnitToBuild> units;
    for (const std::size_t i : missing_) {
      units.push_back({*keys_[i], TimeNameOf(input_.plan.units[i].place)});
    }
    const auto ask = [&] {
      return input_.remote.BeginBuild(units, !input_.may_build, lease_ ? lease_->id() : "");
    };
    absl::StatusOr<BuildAnswer> answer = ask();
    if (answer.status().code() == absl::StatusCode::kNotFound && lease_) {
      lease_.reset();  // it lapsed: we were asleep
      answer = ask();
    }
    if (answer.ok() && !answer->lease_id.empty() && !lease_) {
      lease_ = std::make_unique<BuildLease>(input_.remote, answer->lease_id, answer->ttl, keys_);
    }
    return answer;
  }

  void Announce(const BuildAnswer& answer) {
    has_announced_ = true;
    input_.context.terminal.Say(fmt::format(
        "another machine compiles {} of the {} units that are missing: waiting for them",
        answer.held.size(), missing_.size()));
    // What is known at first bounds the whole wait; without it, each unit that
    // lands starts the bound anew.
    own_time_ = OwnTime(answer);
    if (own_time_) give_up_ = begin_ + *own_time_;
  }

  // True if it has compiled what nobody builds, or found that it is there.
  absl::StatusOr<bool> StartOnTheRest(const BuildAnswer& answer) {
    std::vector<bool> held(input_.plan.units.size(), false);
    for (const std::uint32_t position : answer.held) {
      if (position < missing_.size()) held[missing_[position]] = true;
    }
    const std::vector<std::size_t> startable = FindStartable(input_.plan, is_built_, held);
    const auto is_new = [&](std::size_t unit) { return !tried_.contains(unit); };
    if (std::none_of(startable.begin(), startable.end(), is_new)) return false;
    // What nobody builds may have landed since we last looked.
    const std::size_t before = missing_.size();
    DEPCACHE_RETURN_IF_ERROR(Restore());
    if (missing_.size() < before) return true;
    tried_.insert(startable.begin(), startable.end());
    input_.context.terminal.Say(
        fmt::format("compiling {} units meanwhile, which nobody else does", startable.size()));
    const SteadyTime start = std::chrono::steady_clock::now();
    DEPCACHE_ASSIGN_OR_RETURN(const int code, input_.compile_part(held, lease_.get()));
    give_up_ += std::chrono::steady_clock::now() - start;
    if (code != 0) failed_ = code;
    if (code == 0) DEPCACHE_RETURN_IF_ERROR(Restore());
    return true;
  }

  // True when it is time to ask again; false to wait no longer.
  absl::StatusOr<bool> WaitForOthers(const BuildAnswer& answer) {
    std::vector<BuildKey> held;
    for (const std::uint32_t position : answer.held) {
      if (position < missing_.size()) held.push_back(*keys_[missing_[position]]);
    }
    const absl::StatusOr<std::unique_ptr<BuildWatch>> watch = input_.remote.WatchBuild(held);
    const bool is_told = watch.ok();
    const SteadyTime ask_at =
        std::chrono::steady_clock::now() + (is_told ? kAskInterval : kPollInterval);
    Woken woken = WaitUntil(std::min(give_up_, ask_at), is_told ? (*watch)->fd() : -1);
    // What lands one by one is fetched together.
    const SteadyTime rest_until =
        std::min(give_up_, last_restore_end_ + last_restore_ * kRestoreShare);
    if (woken == Woken::kTold && rest_until > std::chrono::steady_clock::now() &&
        WaitUntil(rest_until, -1) == Woken::kInterrupted) {
      woken = Woken::kInterrupted;
    }
    if (woken == Woken::kInterrupted) return absl::CancelledError("interrupted");
    const bool is_late = std::chrono::steady_clock::now() >= give_up_;
    if (woken == Woken::kTold || !is_told || is_late) DEPCACHE_RETURN_IF_ERROR(Restore());
    if (!is_late || missing_.empty() || std::chrono::steady_clock::now() < give_up_) return true;
    input_.context.terminal.Say(
        own_time_ ? "the other machine is slower than this one would be: compiling here too"
                  : "nothing landed for a while: compiling here too");
    return false;
  }

  absl::Status Restore() {
    const SteadyTime start = std::chrono::steady_clock::now();
    DEPCACHE_RETURN_IF_ERROR(input_.restore());
    const std::size_t before = missing_.size();
    Look();
    last_restore_end_ = std::chrono::steady_clock::now();
    last_restore_ = last_restore_end_ - start;
    if (missing_.size() < before && !own_time_) {
      give_up_ = last_restore_end_ + input_.context.config.wait_bound;
    }
    return absl::OkStatus();
  }

  // What is missing of what others could build for us.
  void Look() {
    const std::vector<std::optional<KnownUnit>> known = FindKnownUnits(
        input_.plan, ReadStamps(input_.input.folders.build_dir), input_.input.folders, questions_);
    missing_.clear();
    is_built_.assign(known.size(), false);
    for (std::size_t i = 0; i < known.size(); ++i) {
      is_built_[i] = known[i] || IsBuilt(input_.plan, i, input_.input.folders);
      const PlannedUnit& unit = input_.plan.units[i];
      // The server has it already: nobody waits for it.
      const bool is_left =
          summary_.left_to_cargo.contains(LayoutOf(input_.plan.layout).HashFile(unit.place));
      if (!is_built_[i] && keys_[i] && !is_left) missing_.push_back(i);
    }
  }

  const TurnInput& input_;
  const CookSummary& summary_;
  const std::vector<UnitQuestion> questions_;
  const std::vector<std::optional<BuildKey>> keys_;
  const SteadyTime begin_;
  SteadyTime give_up_;
  std::optional<milliseconds> own_time_;
  std::vector<std::size_t> missing_;  // plan indices, all with keys
  std::vector<bool> is_built_;        // by plan index
  std::set<std::size_t> tried_;       // what was startable before
  bool has_announced_ = false;
  SteadyTime last_restore_end_{};
  SteadyTime::duration last_restore_{};
  std::optional<int> failed_;
  std::unique_ptr<BuildLease> lease_;
};

}  // namespace

std::vector<std::size_t> FindStartable(const UnitPlan& plan, const std::vector<bool>& is_built,
                                       const std::vector<bool>& held) {
  std::set<std::string> left_out;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (!held[i]) continue;
    left_out.insert(plan.units[i].package_root);
    if (plan.units[i].place.kind != UnitKind::kScriptRun) continue;
    const bool would_run =
        std::all_of(plan.units[i].deps.begin(), plan.units[i].deps.end(),
                    [&](const GraphDep& dep) { return static_cast<bool>(is_built[dep.unit]); });
    if (would_run) return {};
  }
  std::vector<std::size_t> startable;
  std::vector<bool> will_be = is_built;
  for (std::size_t i = 0; i < will_be.size(); ++i) {
    if (will_be[i] || plan.units[i].is_path_package ||
        left_out.contains(plan.units[i].package_root)) {
      continue;
    }
    will_be[i] =
        std::all_of(plan.units[i].deps.begin(), plan.units[i].deps.end(),
                    [&](const GraphDep& dep) { return static_cast<bool>(will_be[dep.unit]); });
    if (will_be[i]) startable.push_back(i);
  }
  return startable;
}

absl::StatusOr<Turn> WaitForTurn(const TurnInput& input, CookSummary& summary) {
  const PhaseTimer timer(summary, "wait");
  return Wait(input, summary).Run();
}

}  // namespace depcache::client
