#include "client/cook/folder_names.h"

#include <algorithm>

#include "cache/cargo/path_boundary.h"
#include "cache/layer/rooted_text.h"

namespace depcache::client {
namespace {

// Shorter paths stand in any text.
constexpr std::size_t kMinFolderBytes = 4;

}  // namespace

std::vector<std::pair<std::string, std::string>> FolderNames(const MachineFolders& folders) {
  std::vector<std::pair<std::string, std::string>> names;
  const auto add = [&](std::string_view name, const std::filesystem::path& folder) {
    if (folder.native().size() >= kMinFolderBytes) names.emplace_back(name, folder.native());
  };
  add("{build-dir}", folders.build_dir);
  add("{target-dir}", folders.target_dir);
  add("{workspace}", folders.workspace);
  add("{cargo-home}", folders.cargo_home);
  add("{sysroot}", folders.sysroot);
  add("{rustup-home}", folders.rustup_home);
  add("{home}", folders.home);
  return names;
}

std::string WithFolderNames(std::string_view text, const MachineFolders& folders) {
  const auto named = FolderNames(folders);
  std::string out;
  std::size_t pos = 0;
  while (pos < text.size()) {
    const std::size_t slash = std::min(text.find('/', pos), text.size());
    out += text.substr(pos, slash - pos);
    pos = slash;
    if (slash == text.size()) break;
    const std::pair<std::string, std::string>* best = nullptr;
    for (const auto& entry : named) {
      const std::string& path = entry.second;
      if (text.compare(slash, path.size(), path) != 0) continue;
      if (!IsWholeLeadingPath(text, slash, path.size())) continue;
      if (best == nullptr || path.size() > best->second.size()) best = &entry;
    }
    if (best == nullptr) {
      out += '/';
      ++pos;
    } else {
      out += best->first;
      pos += best->second.size();
    }
  }
  return out;
}

}  // namespace depcache::client
