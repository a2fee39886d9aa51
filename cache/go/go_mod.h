// go.mod and go.work as far as they determine what is built of other modules.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

struct GoRequire {
  std::string path;
  std::string version;
  bool is_indirect = false;  // said in a comment that Go itself writes
  friend auto operator<=>(const GoRequire&, const GoRequire&) = default;
};

struct GoReplace {
  std::string path;
  std::string version;      // "": all versions
  std::string new_path;     // a module, or a folder: "./x", "../x", "/x"
  std::string new_version;  // "": new_path is a folder
  friend auto operator<=>(const GoReplace&, const GoReplace&) = default;
};

struct GoExclude {
  std::string path;
  std::string version;
  friend auto operator<=>(const GoExclude&, const GoExclude&) = default;
};

// A go.mod, or a go.work (which has `use` and neither module nor require).
// Every list is sorted and has nothing twice.
struct GoMod {
  std::string module;
  std::string go;  // "1.19"; "" if not said
  std::vector<GoRequire> required;
  std::vector<GoReplace> replaced;
  std::vector<GoExclude> excluded;
  std::vector<std::string> uses;
  // Directives that are not known, as they stand: what they mean is in doubt.
  std::vector<std::string> others;
  friend bool operator==(const GoMod&, const GoMod&) = default;
};

// Reads the grammar both files share: comments, blocks, quoted words.
// `retract` is dropped: it is a word to those who depend on this module.
// Errors: INVALID_ARGUMENT naming the line.
absl::StatusOr<GoMod> ParseGoMod(std::string_view text);

// Canonical text: the same for files which mean the same to a build.
std::string GoModText(const GoMod& mod);

// Whether a replacement is a folder: it starts with "./", "../" or "/".
bool IsFolder(const GoReplace& replace);

}  // namespace depcache
