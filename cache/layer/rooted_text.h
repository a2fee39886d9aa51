// Text in which the folders of one machine are placeholders, so that it can be
// compared, hashed, and written again on another machine.
//
// A placeholder is the three bytes \x01, the root's letter, \x02. Text which
// holds \x01 already is refused, so the mapping is one to one.

#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

// Folders whose paths differ between machines. The letters are written to
// records: never reuse one.
enum class Root : char {
  kWorkspace = 'w',
  kTargetDir = 't',
  kBuildDir = 'b',
  kPackage = 'p',  // the unit's own unpacked package
  kRegistrySrc = 'r',  // $CARGO_HOME/registry/src/<registry>
  kCargoHome = 'c',
  kRustupHome = 'u',
  kSysroot = 's',
  kHome = 'h',
  kTemp = 'm',
};

// Paths of roots on one machine: absolute, normalised, without a trailing
// slash. "/" and paths below 4 bytes never count as roots. Several roots may
// nest or be equal: the longest wins, then the earlier added.
// Thread-compatible.
class RootMap {
 public:
  // Ignores a path which may not be a root. A root may have several.
  void Add(Root root, std::string_view path);

  // The one which was added first.
  std::optional<std::string_view> PathOf(Root root) const;
  // Longest path first.
  const std::vector<std::pair<std::string, Root>>& by_length() const { return roots_; }

 private:
  std::vector<std::pair<std::string, Root>> roots_;
  std::map<Root, std::string> first_;
};

// Replaces each root, where it stands as a whole leading path
// (path_boundary.h), by its placeholder. Errors: INVALID_ARGUMENT if `text` holds the byte \x01.
absl::StatusOr<std::string> ToRooted(std::string_view text, const RootMap& roots);

// The inverse, with this machine's roots.
// Errors: INVALID_ARGUMENT (malformed placeholder); FAILED_PRECONDITION (a
// root which `roots` does not have).
absl::StatusOr<std::string> FromRooted(std::string_view rooted, const RootMap& roots);

// The placeholder of a root, for texts that are composed.
std::string Placeholder(Root root);

}  // namespace depcache
