// Which bytes of an object file are debug information, read with libelf.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace depcache {

// Part of a file: [begin, end).
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// The debug sections in `file`, sorted by where they begin: those of an ELF
// file, or of the ELF members of an archive (.rlib, .a), archives in it
// included. Sections which are loaded at run time are not debug sections,
// whatever their name. What is damaged or no ELF has none. Thread-safe.
std::vector<ByteRange> DebugRanges(std::string_view file);

}  // namespace depcache
