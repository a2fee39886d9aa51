#include "cache/cargo/depfile.h"

#include <cstddef>
#include <utility>

#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxBytes = 16 << 20;
constexpr std::string_view kPrefix = "# env-dep:";

// rustc writes "\n", "\r" and "\\" for the bytes which would break the line.
absl::StatusOr<std::string> Unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    const char escaped = i + 1 < text.size() ? text[i + 1] : '\0';
    if (escaped == 'n') {
      plain += '\n';
    } else if (escaped == 'r') {
      plain += '\r';
    } else if (escaped == '\\') {
      plain += '\\';
    } else {
      return InvalidArgument("depfile: unknown escape in '{}'", text);
    }
    ++i;
  }
  return plain;
}

}  // namespace

absl::StatusOr<std::vector<DepfileVariable>> ParseEnvDeps(std::string_view depfile) {
  if (depfile.size() > kMaxBytes) return InvalidArgument("depfile: {} bytes", depfile.size());
  std::vector<DepfileVariable> variables;
  while (!depfile.empty()) {
    std::string_view line = depfile.substr(0, depfile.find('\n'));
    depfile.remove_prefix(line.size() == depfile.size() ? line.size() : line.size() + 1);
    if (!line.starts_with(kPrefix)) continue;
    line.remove_prefix(kPrefix.size());
    const std::size_t equals = line.find('=');
    DepfileVariable variable;
    DEPCACHE_ASSIGN_OR_RETURN(variable.name, Unescape(line.substr(0, equals)));
    if (equals != std::string_view::npos) {
      DEPCACHE_ASSIGN_OR_RETURN(variable.value, Unescape(line.substr(equals + 1)));
    }
    variables.push_back(std::move(variable));
  }
  return variables;
}

}  // namespace depcache
