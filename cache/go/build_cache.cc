#include "cache/go/build_cache.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include "cache/base/digest.h"
#include "cache/base/hex.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kNumberWidth = 20;
constexpr std::size_t kFileBytes =
    2 + 1 + kHexDigits + 1 + kHexDigits + 1 + kNumberWidth + 1 + kNumberWidth + 1;
// Go writes the first 120 bits of an ID into a BuildID.
constexpr std::size_t kPrefixBytes = 15;

bool IsId(std::string_view text) { return text.size() == kHexDigits && FromHex(text).has_value(); }

std::optional<std::uint64_t> PaddedNumber(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto value = ParseNumber(text, INT64_MAX);
  return value.ok() ? std::optional(*value) : std::nullopt;
}

}  // namespace

std::optional<BuildCacheEntry> ParseActionFile(std::string_view bytes) {
  if (bytes.size() != kFileBytes || !bytes.starts_with("v1 ") || bytes.back() != '\n') {
    return std::nullopt;
  }
  bytes.remove_prefix(3);
  const std::string_view action = bytes.substr(0, kHexDigits);
  const std::string_view output = bytes.substr(kHexDigits + 1, kHexDigits);
  const std::string_view numbers = bytes.substr(2 * kHexDigits + 2);
  const std::optional<std::uint64_t> size = PaddedNumber(numbers.substr(0, kNumberWidth));
  const std::optional<std::uint64_t> time =
      PaddedNumber(numbers.substr(kNumberWidth + 1, kNumberWidth));
  const bool is_spaced =
      bytes[kHexDigits] == ' ' && bytes[2 * kHexDigits + 1] == ' ' && numbers[kNumberWidth] == ' ';
  if (!is_spaced || !IsId(action) || !IsId(output) || !size || !time) return std::nullopt;
  return BuildCacheEntry{std::string(action), std::string(output), *size};
}

std::string ActionFileText(const BuildCacheEntry& entry) {
  return fmt::format("v1 {} {} {:>20} {:>20}\n", entry.action, entry.output, entry.size_bytes, 0);
}

std::string ActionFilePath(std::string_view action) {
  return fmt::format("{}/{}-a", action.substr(0, 2), action);
}

std::string OutputFilePath(std::string_view output) {
  return fmt::format("{}/{}-d", output.substr(0, 2), output);
}

std::optional<std::string> ActionPrefix(std::string_view build_id) {
  const std::string_view action = build_id.substr(0, build_id.find('/'));
  std::string raw;
  if (!absl::WebSafeBase64Unescape({action.data(), action.size()}, &raw) ||
      raw.size() != kPrefixBytes) {
    return std::nullopt;
  }
  return ToHex(raw);
}

std::string SubkeyOf(std::string_view action, std::string_view name) {
  std::string hashed = "subkey:";
  hashed += FromHex(action).value_or("");
  hashed += name;
  return HashAs<PartDigest>(hashed).ToHex();
}

}  // namespace depcache
