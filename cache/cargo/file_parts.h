// Where two compiled files differ, in words: sections of ELF files, members of
// archives (.rlib, .a), read with libelf.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace depcache {

struct FileDifference {
  // ".text"; in an archive "code.o: .text", or "lib.rmeta" for a member that is
  // no ELF file; "headers" where no part differs; "" for a file that has no
  // parts.
  std::string part;
  // Debug information, which changes no behaviour.
  bool is_debug = false;
  friend bool operator==(const FileDifference&, const FileDifference&) = default;
};

// Parts that differ, or that only one of the files has, in the order of their
// names; empty if the files are equal. What is damaged counts as having no
// parts. Thread-safe.
std::vector<FileDifference> DifferencesOf(std::string_view a, std::string_view b);

}  // namespace depcache
