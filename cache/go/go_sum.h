// go.sum, and the hash it holds of a module's files ("h1:").

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"

namespace depcache {

// What go.sum says of one version of a module, as SHA-256; nullopt: nothing.
struct GoModuleSums {
  std::optional<PartDigest> mod;  // of its go.mod ("/go.mod" in go.sum)
  std::optional<PartDigest> zip;  // of all its files
  friend auto operator<=>(const GoModuleSums&, const GoModuleSums&) = default;
};

// (path, version) -> sums.
using GoSum = std::map<std::pair<std::string, std::string>, GoModuleSums>;

// Lines of other hashes than h1 are passed over, as Go does.
// Errors: INVALID_ARGUMENT (a line that is none of go.sum's; two sums of one
// thing).
absl::StatusOr<GoSum> ParseGoSum(std::string_view text);

// The lines again, sorted.
std::string GoSumText(const GoSum& sum);

// The sum of files by name: SHA-256 over "<hex>  <name>\n" in order of names.
// In a zip names start with "path@version/"; a go.mod alone is "go.mod".
PartDigest DirectorySum(const std::map<std::string, std::string>& hex_by_name);

// The sum of a go.mod with these bytes.
PartDigest GoModSum(std::string_view bytes);

// "h1:<base64>": what a .ziphash file holds, and back (nullopt: it is not one).
std::string SumText(const PartDigest& sum);
std::optional<PartDigest> ParseSum(std::string_view text);

}  // namespace depcache
