// Looks for the folders of one machine in a compiled file. A file which names
// one works at that place only, and is not shared as if it worked anywhere.
//
// What counts (path_boundary.h has the rule for plain text):
// - A root ends at a component boundary: "/appconfig" does not name "/app".
// - A root of one component, as "/app" or "/src", starts at a boundary too:
//   "/cargo/registry/src/…" does not name "/src". In compiled files a string
//   has no byte of its own before it: there, its length before it (as rustc's
//   metadata has it) is a boundary. In what a linker has merged the end of
//   another string may hide such a root; never one with more components, as
//   the target directory has: those count wherever they stand.
// - Debug sections of ELF objects, archive members included, do not count:
//   they change no behaviour, and C compilers write absolute paths to them.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace depcache {

struct RootHit {
  std::string root;
  std::size_t offset = 0;  // in bytes
  friend bool operator==(const RootHit&, const RootHit&) = default;
};

// Immutable; thread-safe.
class RootScanner {
 public:
  // Absolute paths, with or without a slash at the end. "/" and paths below 4
  // bytes never count and are left out.
  explicit RootScanner(const std::vector<std::string>& roots);

  // The first place in `file` (all bytes of a file of any kind) which counts;
  // nullopt if there is none.
  std::optional<RootHit> Scan(std::string_view file) const;

  // What is looked for, longest first: for diagnostics.
  const std::vector<std::string>& roots() const { return roots_; }

 private:
  // The longest root which counts as a path at `pos`, where a '/' stands.
  const std::string* RootAt(std::string_view file, std::size_t pos) const;

  std::vector<std::string> roots_;
  // For each byte that may follow the '/', whether any root goes on with it.
  std::vector<bool> is_second_byte_ = std::vector<bool>(256, false);
};

}  // namespace depcache
