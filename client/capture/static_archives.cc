#include "client/capture/static_archives.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cache/base/status.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxArchives = 200;
constexpr std::string_view kSystemFolders[] = {"/usr/", "/lib/", "/lib64/"};

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "static:+whole-archive=name:renamed"
void AddLibrary(std::string_view value, NativeLinks& links) {
  if (!TakePrefix(value, "static")) return;
  const std::size_t equals = value.find('=');
  const bool has_modifiers = value.starts_with(':');
  if (equals == std::string_view::npos || (equals != 0 && !has_modifiers)) return;
  value.remove_prefix(equals + 1);
  links.static_names.emplace_back(value.substr(0, value.find(':')));
}

// "native=/folder" or "/folder"
void AddFolder(std::string_view value, NativeLinks& links) {
  for (const std::string_view kind : {"native=", "all=", "dependency=", "crate=", "framework="}) {
    if (TakePrefix(value, kind)) break;
  }
  if (value.starts_with('/')) links.search_folders.push_back(fs::path(value).lexically_normal());
}

// "-l static=z -L /folder", also "-lstatic=z"; Cargo allows nothing else.
void AddFlags(std::string_view value, NativeLinks& links) {
  char pending = 0;
  while (!value.empty()) {
    std::string_view word = value.substr(0, value.find_first_of(" \t"));
    value.remove_prefix(std::min(word.size() + 1, value.size()));
    if (word.empty()) continue;
    char flag = pending;
    pending = 0;
    if (flag == 0) {
      if (!word.starts_with("-l") && !word.starts_with("-L")) continue;
      flag = word[1];
      word.remove_prefix(2);
    }
    if (word.empty()) {
      pending = flag;
    } else if (flag == 'l') {
      AddLibrary(word, links);
    } else {
      AddFolder(word, links);
    }
  }
}

bool IsBelowAny(const fs::path& path, std::span<const fs::path> folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& folder) { return IsBelow(path, folder); });
}

bool IsOfTheSystem(const fs::path& folder) {
  return std::any_of(std::begin(kSystemFolders), std::end(kSystemFolders),
                     [&](std::string_view system) {
                       return (folder.native() + "/").starts_with(system);
                     });
}

std::string FileOf(std::string_view name) { return "lib" + std::string(name) + ".a"; }

// Of a folder which is not the system's, all of them.
absl::Status AddAll(const fs::path& folder, std::set<fs::path>& archives) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().native();
    if (!name.starts_with("lib") || !name.ends_with(".a")) continue;
    archives.insert(entry.path());
    if (archives.size() > kMaxArchives) {
      return FailedPrecondition("it links from {}, which holds more than {} archives",
                                folder.native(), kMaxArchives);
    }
  }
  return absl::OkStatus();
}

}  // namespace

NativeLinks ParseNativeLinks(std::string_view script_stdout) {
  NativeLinks links;
  while (!script_stdout.empty()) {
    std::string_view line = script_stdout.substr(0, script_stdout.find('\n'));
    script_stdout.remove_prefix(std::min(line.size() + 1, script_stdout.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (!TakePrefix(line, "cargo:")) continue;
    TakePrefix(line, ":");
    if (TakePrefix(line, "rustc-link-lib=")) {
      AddLibrary(line, links);
    } else if (TakePrefix(line, "rustc-link-search=")) {
      AddFolder(line, links);
    } else if (TakePrefix(line, "rustc-flags=")) {
      AddFlags(line, links);
    }
  }
  return links;
}

absl::StatusOr<std::vector<fs::path>> FindStaticArchives(const NativeLinks& links,
                                                         std::span<const fs::path> build_dirs) {
  std::set<fs::path> archives;
  std::error_code error;
  for (const std::string& name : links.static_names) {
    const auto folder = std::find_if(
        links.search_folders.begin(), links.search_folders.end(),
        [&](const fs::path& f) { return fs::exists(f / FileOf(name), error); });
    if (folder == links.search_folders.end()) {
      return FailedPrecondition("it links {}, which none of the folders it names has",
                                FileOf(name));
    }
    if (!IsBelowAny(*folder, build_dirs)) archives.insert(*folder / FileOf(name));
  }
  for (const fs::path& folder : links.search_folders) {
    if (IsBelowAny(folder, build_dirs) || IsOfTheSystem(folder)) continue;
    DEPCACHE_RETURN_IF_ERROR(AddAll(folder, archives));
  }
  return std::vector<fs::path>(archives.begin(), archives.end());
}

}  // namespace depcache::client
