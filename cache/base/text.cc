#include "cache/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "cache/base/status.h"

namespace depcache {
namespace {

struct Suffix {
  std::string_view name;
  double factor;
};

constexpr std::array<Suffix, 11> kByteSuffixes = {{{"KiB", 1024.0},
                                                   {"MiB", 1048576.0},
                                                   {"GiB", 1073741824.0},
                                                   {"TiB", 1099511627776.0},
                                                   {"kB", 1e3},
                                                   {"KB", 1e3},
                                                   {"MB", 1e6},
                                                   {"GB", 1e9},
                                                   {"TB", 1e12},
                                                   {"B", 1.0},
                                                   {"", 1.0}}};
constexpr std::array<Suffix, 5> kTimeSuffixes = {
    {{"ms", 1.0}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"", 1e3}}};

// About 126 years: added to any clock it still fits 64 bits of nanoseconds.
constexpr double kMaxMilliseconds = 4e12;

// The number before one of `suffixes`, times its factor; NaN if there is none.
double ParseScaled(std::string_view text, std::span<const Suffix> suffixes) {
  text = Trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nan("");
  const std::string_view rest = Trim(text.substr(static_cast<std::size_t>(end - text.data())));
  for (const Suffix& suffix : suffixes) {
    if (rest == suffix.name) return number * suffix.factor;
  }
  return std::nan("");
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replace = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replace, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

// Bytes of the UTF-8 sequence that starts with `lead`, 0 if none does.
std::size_t SequenceLength(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

absl::StatusOr<std::uint64_t> ParseBytes(std::string_view text) {
  const double bytes = ParseScaled(text, kByteSuffixes);
  if (std::isnan(bytes) || bytes > 9e18) {
    return InvalidArgument("'{}' is not a size; write 1048576, 512MiB or 50GiB", text);
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string FormatBytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const double ms = ParseScaled(text, kTimeSuffixes);
  if (std::isnan(ms) || ms > kMaxMilliseconds) {
    return InvalidArgument("'{}' is not a duration; write 30s, 250ms or 15m", text);
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const double seconds = static_cast<double>(duration.count()) / 1000;
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

absl::StatusOr<bool> ParseBool(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kTrue = {"true", "1", "yes", "on"};
  static constexpr std::array<std::string_view, 4> kFalse = {"false", "0", "no", "off"};
  if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) return false;
  return InvalidArgument("'{}' is neither true nor false", text);
}

absl::StatusOr<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > max) {
    return InvalidArgument("'{}' is not a whole number from 0 to {}", text, max);
  }
  return number;
}

std::string NearestName(std::string_view name, std::span<const std::string> candidates) {
  std::string nearest;
  std::size_t smallest = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(name, candidate);
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t pos = 0;
  while (pos <= text.size()) {
    const std::size_t end = std::min(text.find(separator, pos), text.size());
    parts.emplace_back(text.substr(pos, end - pos));
    pos = end + 1;
  }
  return parts;
}

std::string_view Trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool IsUtf8(std::string_view text) {
  std::size_t pos = 0;
  while (pos < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[pos]);
    const std::size_t length = SequenceLength(lead);
    if (length == 0 || pos + length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<std::uint8_t>(text[pos + i]) & 0xC0) != 0x80) return false;
    }
    if (length > 2) {
      const auto next = static_cast<std::uint8_t>(text[pos + 1]);
      if (lead == 0xE0 && next < 0xA0) return false;  // overlong
      if (lead == 0xED && next > 0x9F) return false;  // surrogate
      if (lead == 0xF0 && next < 0x90) return false;  // overlong
      if (lead == 0xF4 && next > 0x8F) return false;  // past U+10FFFF
    }
    pos += length;
  }
  return true;
}

}  // namespace depcache
