#include "client/cook/build_turn.h"

#include <algorithm>
#include <vector>

#include <poll.h>

#include "cache/base/clock.h"
#include "cache/base/status.h"
#include "cache/layer/unit_key.h"
#include "client/cook/known_units.h"
#include "client/cook/plan_flow.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

constexpr std::chrono::milliseconds kAskInterval{1000};
// A resolve costs the server some ten milliseconds, a question nearly nothing.
constexpr int kAsksPerRestore = 8;

// Longest time that compiling these units here would take by what is known of
// them; nullopt where it is not known. Units run in parallel, the slowest alone.
std::optional<std::chrono::milliseconds> OwnTime(const BuildAnswer& answer) {
  if (answer.expected_total.count() == 0) return std::nullopt;
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1U);
  return std::max(answer.expected_longest, answer.expected_total / processors);
}

// False if a signal came.
bool Pause(std::chrono::milliseconds time) {
  pollfd wait{InterruptFd(), POLLIN, 0};
  poll(&wait, 1, static_cast<int>(time.count()));
  return !IsInterrupted();
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

class Turn {
 public:
  explicit Turn(const TurnInput& input)
      : input_(input),
        questions_(QuestionsOf(input.plan, input.input.recipe, input.input.lock,
                               input.input.folders)),
        keys_(BuildKeysOf(questions_)) {}

  absl::StatusOr<std::unique_ptr<BuildLease>> Wait() {
    std::vector<UnitToBuild> missing = Missing();
    // What is known at first bounds the whole wait; without it, each unit that
    // lands starts the bound anew.
    std::optional<std::chrono::milliseconds> own_time;
    const SteadyTime begin = std::chrono::steady_clock::now();
    SteadyTime give_up = begin + input_.context.config.wait_bound;
    std::size_t last_held = 0;
    for (int asks = 1; !missing.empty(); ++asks) {
      const absl::StatusOr<BuildAnswer> answer =
          input_.remote.BeginBuild(missing, !input_.may_build);
      // Without the server's advice everyone compiles.
      if (!answer.ok()) return nullptr;
      if (!answer->lease_id.empty()) return Take(*answer, /*has_waited=*/asks > 1);
      const bool has_ended = answer->held.size() < last_held;
      last_held = answer->held.size();
      if (asks == 1 && last_held > 0) {
        Announce(last_held, missing.size());
        own_time = OwnTime(*answer);
        if (own_time) give_up = begin + *own_time;
      }
      if (last_held > 0 && !Pause(kAskInterval)) return absl::CancelledError("interrupted");
      const bool is_late = std::chrono::steady_clock::now() >= give_up;
      if (last_held == 0 || has_ended || is_late || asks % kAsksPerRestore == 0) {
        DEPCACHE_RETURN_IF_ERROR(input_.restore());
        const std::size_t before = missing.size();
        missing = Missing();
        if (missing.size() < before && !own_time) {
          give_up = std::chrono::steady_clock::now() + input_.context.config.wait_bound;
        }
        if (last_held == 0) return nullptr;
      }
      if (is_late && std::chrono::steady_clock::now() >= give_up) {
        input_.context.terminal.Say(
            own_time ? "the other machine is slower than this one would be: compiling here too"
                     : "nothing landed for a while: compiling here too");
        return nullptr;
      }
    }
    return nullptr;
  }

 private:
  absl::StatusOr<std::unique_ptr<BuildLease>> Take(const BuildAnswer& answer, bool has_waited) {
    auto lease = std::make_unique<BuildLease>(input_.remote, answer.lease_id, answer.ttl);
    if (!has_waited) return lease;
    // Whoever was before us may have landed everything since we last looked.
    DEPCACHE_RETURN_IF_ERROR(input_.restore());
    if (Missing().empty()) lease.reset();
    return lease;
  }

  void Announce(std::size_t held, std::size_t missing) {
    input_.context.terminal.Say(fmt::format(
        "another machine compiles {} of the {} units that are missing: waiting for them", held,
        missing));
  }

  std::vector<UnitToBuild> Missing() const {
    const std::vector<std::optional<KnownUnit>> known = FindKnownUnits(
        input_.plan, ReadStamps(input_.input.folders.build_dir), input_.input.folders, questions_);
    std::vector<UnitToBuild> missing;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (!known[i] && keys_[i] && !IsBuilt(input_.plan, i, input_.input.folders)) {
        missing.push_back({*keys_[i], TimeNameOf(input_.plan.units[i].place)});
      }
    }
    return missing;
  }

  const TurnInput& input_;
  const std::vector<UnitQuestion> questions_;
  const std::vector<std::optional<BuildKey>> keys_;
};

}  // namespace

BuildLease::BuildLease(RemoteCache& remote, std::string id, std::chrono::milliseconds ttl)
    : remote_(remote),
      id_(std::move(id)),
      interval_(std::max(ttl / 3, std::chrono::milliseconds(100))),
      thread_([this] { Renew(); }) {}

BuildLease::~BuildLease() {
  {
    MutexLock lock(mutex_);
    is_ending_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  remote_.AbandonBuild(id_).IgnoreError();
}

void BuildLease::Renew() {
  MutexLock lock(mutex_);
  SteadyTime next = std::chrono::steady_clock::now() + interval_;
  while (!is_ending_) {
    if (changed_.WaitUntil(mutex_, next)) continue;
    next += interval_;
    mutex_.Unlock();
    remote_.RenewBuild(id_).IgnoreError();
    mutex_.Lock();
  }
}

absl::StatusOr<std::unique_ptr<BuildLease>> WaitForTurn(const TurnInput& input,
                                                        CookSummary& summary) {
  const PhaseTimer timer(summary, "wait");
  return Turn(input).Wait();
}

}  // namespace depcache::client
