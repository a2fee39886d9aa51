#include "cache/layer/rooted_text.h"

#include <algorithm>

#include "cache/base/status.h"
#include "cache/cargo/path_boundary.h"

namespace depcache {
namespace {

constexpr char kOpen = '\x01';
constexpr char kClose = '\x02';
constexpr std::size_t kMinRootBytes = 4;

// The root which stands at `pos`, longest first.
const std::pair<std::string, Root>* RootAt(std::string_view text, std::size_t pos,
                                           const RootMap& roots) {
  for (const auto& entry : roots.by_length()) {
    const std::string& path = entry.first;
    if (text.compare(pos, path.size(), path) == 0 && IsWholeLeadingPath(text, pos, path.size())) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace

void RootMap::Add(Root root, std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.size() < kMinRootBytes || !path.starts_with('/')) return;
  const auto shorter = std::find_if(roots_.begin(), roots_.end(), [&](const auto& entry) {
    return entry.first.size() < path.size();
  });
  roots_.insert(shorter, {std::string(path), root});
  first_.try_emplace(root, path);
}

std::optional<std::string_view> RootMap::PathOf(Root root) const {
  const auto first = first_.find(root);
  if (first == first_.end()) return std::nullopt;
  return first->second;
}

absl::StatusOr<std::string> ToRooted(std::string_view text, const RootMap& roots) {
  if (text.find(kOpen) != std::string_view::npos) {
    return InvalidArgument("the text holds the byte \\x01");
  }
  std::string rooted;
  rooted.reserve(text.size());
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::size_t slash = text.find('/', pos);
    if (slash == std::string_view::npos) break;
    rooted += text.substr(pos, slash - pos);
    if (const auto* root = RootAt(text, slash, roots)) {
      rooted += Placeholder(root->second);
      pos = slash + root->first.size();
    } else {
      rooted += '/';
      pos = slash + 1;
    }
  }
  rooted += text.substr(std::min(pos, text.size()));
  return rooted;
}

absl::StatusOr<std::string> FromRooted(std::string_view rooted, const RootMap& roots) {
  std::string text;
  text.reserve(rooted.size());
  while (true) {
    const std::size_t open = rooted.find(kOpen);
    text += rooted.substr(0, open);
    if (open == std::string_view::npos) return text;
    if (open + 2 >= rooted.size() || rooted[open + 2] != kClose) {
      return InvalidArgument("malformed placeholder in rooted text");
    }
    const auto root = static_cast<Root>(rooted[open + 1]);
    const std::optional<std::string_view> path = roots.PathOf(root);
    if (!path) {
      return FailedPrecondition("no folder is known for placeholder '{}'", rooted[open + 1]);
    }
    text += *path;
    rooted.remove_prefix(open + 3);
  }
}

std::string Placeholder(Root root) { return {kOpen, static_cast<char>(root), kClose}; }

}  // namespace depcache
