#include "cache/recipe/toolchain.h"

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxVersionBytes = 64 << 10;

std::string ValueAfter(std::string_view line, std::string_view key) {
  return line.starts_with(key) ? std::string(Trim(line.substr(key.size()))) : "";
}

}  // namespace

absl::StatusOr<Toolchain> ParseToolchain(std::string_view rustc_verbose_version) {
  if (rustc_verbose_version.size() > kMaxVersionBytes) {
    return InvalidArgument("{} bytes are not the output of `rustc -vV`",
                           rustc_verbose_version.size());
  }
  Toolchain toolchain;
  for (const std::string& untrimmed : Split(rustc_verbose_version, '\n')) {
    const std::string_view line = Trim(untrimmed);
    if (line.empty()) continue;
    (toolchain.text += line) += '\n';
    if (line.starts_with("release:")) toolchain.release = ValueAfter(line, "release:");
    if (line.starts_with("host:")) toolchain.host_triple = ValueAfter(line, "host:");
    if (line.starts_with("commit-hash:")) toolchain.commit_hash = ValueAfter(line, "commit-hash:");
  }
  if (toolchain.commit_hash == "unknown") toolchain.commit_hash.clear();
  if (toolchain.release.empty() || toolchain.host_triple.empty()) {
    return InvalidArgument("the output of `rustc -vV` names no release or no host");
  }
  return toolchain;
}

}  // namespace depcache
