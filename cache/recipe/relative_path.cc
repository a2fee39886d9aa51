#include "cache/recipe/relative_path.h"

#include <vector>

#include "cache/base/text.h"

namespace depcache {

bool IsSafeRelativePath(std::string_view path) {
  if (path.empty() || path.size() > kMaxPathBytes) return false;
  for (const char c : path) {
    if (c == '\\' || c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  for (const std::string& component : Split(path, '/')) {
    if (component.empty() || component == "." || component == "..") return false;
  }
  return true;
}

std::string ParentPath(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? "" : path.substr(0, slash));
}

std::optional<std::string> JoinInside(std::string_view folder, std::string_view path) {
  if (path.starts_with('/') || path.size() > kMaxPathBytes) return std::nullopt;
  std::vector<std::string> kept;
  for (const std::string_view part : {folder, path}) {
    for (const std::string& component : Split(part, '/')) {
      if (component.empty() || component == ".") continue;
      if (component != "..") {
        kept.push_back(component);
      } else if (kept.empty()) {
        return std::nullopt;
      } else {
        kept.pop_back();
      }
    }
  }
  std::string joined;
  for (const std::string& component : kept) joined = JoinPath(joined, component);
  return joined;
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  std::string joined(folder);
  joined += '/';
  joined += name;
  return joined;
}

}  // namespace depcache
