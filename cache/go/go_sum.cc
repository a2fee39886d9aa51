#include "cache/go/go_sum.h"

#include <absl/strings/escaping.h>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

constexpr std::string_view kPrefix = "h1:";
constexpr std::string_view kModSuffix = "/go.mod";

}  // namespace

std::optional<PartDigest> ParseSum(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  std::string raw;
  if (!absl::Base64Unescape({text.data(), text.size()}, &raw)) return std::nullopt;
  const absl::StatusOr<PartDigest> sum = PartDigest::FromBytes(raw);
  // Only the one way to write it.
  if (!sum.ok() || SumText(*sum).substr(kPrefix.size()) != text) return std::nullopt;
  return *sum;
}

std::string SumText(const PartDigest& sum) {
  const std::string_view raw = sum.AsBytes();
  return std::string(kPrefix) + absl::Base64Escape({raw.data(), raw.size()});
}

absl::StatusOr<GoSum> ParseGoSum(std::string_view text) {
  GoSum all;
  for (const std::string& line : Split(text, '\n')) {
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty()) continue;
    std::vector<std::string> words;
    for (std::string& word : Split(trimmed, ' ')) {
      if (!word.empty()) words.push_back(std::move(word));
    }
    if (words.size() != 3) return InvalidArgument("go.sum has a line of {} words", words.size());
    if (!words[2].starts_with(kPrefix)) continue;
    const std::optional<PartDigest> sum = ParseSum(words[2]);
    if (!sum) return InvalidArgument("go.sum has a sum of {} that is none", words[0]);
    std::string version = words[1];
    const bool is_mod = version.ends_with(kModSuffix);
    if (is_mod) version.resize(version.size() - kModSuffix.size());
    GoModuleSums& sums = all[{words[0], version}];
    std::optional<PartDigest>& place = is_mod ? sums.mod : sums.zip;
    if (place && *place != *sum) {
      return InvalidArgument("go.sum has two sums of {} {}", words[0], words[1]);
    }
    place = sum;
  }
  return all;
}

std::string GoSumText(const GoSum& sum) {
  std::string text;
  for (const auto& [module, sums] : sum) {
    const auto& [path, version] = module;
    if (sums.zip) text += fmt::format("{} {} {}\n", path, version, SumText(*sums.zip));
    if (sums.mod)
      text += fmt::format("{} {}{} {}\n", path, version, kModSuffix, SumText(*sums.mod));
  }
  return text;
}

PartDigest DirectorySum(const std::map<std::string, std::string>& hex_by_name) {
  std::string list;
  for (const auto& [name, hex] : hex_by_name) list += fmt::format("{}  {}\n", hex, name);
  return HashAs<PartDigest>(list);
}

PartDigest GoModSum(std::string_view bytes) {
  return DirectorySum({{"go.mod", HashAs<PartDigest>(bytes).ToHex()}});
}

}  // namespace depcache
