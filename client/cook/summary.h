// What a cook did: the line a person sees and the object of --json
// (docs/cli.md documents each field).

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/layer/report_reason.h"
#include "cache/layer/unit_record.h"

namespace depcache::client {

struct SkippedUnit {
  std::string package;
  std::string version;
  std::string reason;
};

// A unit that was there before cargo ran, and that cargo would not take.
struct AccusedUnit {
  std::string package;
  std::string version;
  ReportReason reason = ReportReason::kStale;
  std::string text;  // Cargo's, rustc's or the loader's
  UnitRef ref;       // as it was restored
  bool was_restored = false;     // a server vouched for it in this cook
  bool has_same_output = false;  // compiled again, the same bytes came out
  std::optional<Digest> record_now;  // of what was compiled, if it was captured
  bool is_reported = false;
};

// A unit that came out with other bytes when it was compiled again.
struct VerifiedDifference {
  std::string package;
  std::string version;
  bool is_reproducible = false;      // two compiles agreed with each other
  bool stands_on_different = false;  // it had to differ
  std::vector<std::string> places;   // "libitoa-….rlib: code.o: .text"
};

// What --verify found.
struct VerifiedUnits {
  std::uint32_t compiled = 0;
  std::uint32_t same = 0;
  std::uint32_t debug_only = 0;    // other debug information alone
  std::uint32_t not_compared = 0;  // not compiled, or never shared
  std::vector<VerifiedDifference> differences;
};

struct CookSummary {
  std::string recipe;               // "cargo:<hash>", "" if it was not formed
  std::string result = "off";       // "hit", "partial", "miss", "off"; "pushed" of push
  std::string server;               // "" if none was asked
  std::string server_error;         // why it was not used, or not to the end
  std::uint32_t units_planned = 0;  // dependency units of the build
  std::uint32_t units_restored = 0;
  std::uint32_t units_present = 0;  // were there already
  std::uint32_t units_built = 0;
  std::uint32_t units_shared = 0;    // sent and recorded
  std::vector<SkippedUnit> skipped;  // not shared, each with its reason
  std::vector<AccusedUnit> accused;
  VerifiedUnits verified;
  // Units that a server vouched for in this cook and that are on disk now, by
  // hash file. Not printed.
  std::map<std::string, UnitRef> vouched;
  // Units which the server has and which compile faster than they are fetched,
  // by hash file; without reasons.
  std::map<std::string, SkippedUnit> left_to_cargo;
  // Plain bytes per second, by which that is decided; 0: none was measured.
  std::optional<double> restore_rate;
  // The server has layers of this recipe, and all were built with another value
  // of this variable, or content of this file (absolute); "" otherwise.
  std::string other_input;
  bool layer_recorded = false;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_copied = 0;  // from siblings
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_written = 0;
  std::uint32_t crates_restored = 0;
  std::map<std::string, double> seconds;  // by phase
  std::string cargo_verdict = "not run";  // "ok", "failed", "not run"
  int exit_code = 0;
};

std::string ToJson(const CookSummary& summary);

// One or two lines, e.g. "hit 3f2a…: 313 units restored (943 MiB) in 0.98 s".
std::vector<std::string> ForPeople(const CookSummary& summary);

// Adds the time since construction to a phase when it ends.
class PhaseTimer {
 public:
  PhaseTimer(CookSummary& summary, std::string phase)
      : summary_(summary), phase_(std::move(phase)), start_(std::chrono::steady_clock::now()) {}
  ~PhaseTimer() {
    summary_.seconds[phase_] +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  CookSummary& summary_;
  const std::string phase_;
  const std::chrono::steady_clock::time_point start_;
};

}  // namespace depcache::client
