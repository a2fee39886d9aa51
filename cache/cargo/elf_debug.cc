#include "cache/cargo/elf_debug.h"

#include <algorithm>
#include <optional>

#include "cache/cargo/elf_file.h"

namespace depcache {
namespace {

constexpr int kMaxNesting = 4;  // archives in archives

// Where `part` lies in `file`.
ByteRange RangeOf(std::string_view file, std::string_view part) {
  const auto begin = static_cast<std::size_t>(part.data() - file.data());
  return {begin, begin + part.size()};
}

std::vector<ByteRange> ElfDebugRanges(std::string_view file) {
  std::optional<std::vector<ElfSection>> sections = ReadSections(file);
  if (!sections.has_value()) return {};
  std::erase_if(*sections, [](const ElfSection& section) { return section.bytes.empty(); });
  std::sort(sections->begin(), sections->end(), [](const ElfSection& a, const ElfSection& b) {
    return a.bytes.data() < b.bytes.data();
  });
  std::vector<ByteRange> ranges;
  std::size_t end = 0;
  for (const ElfSection& section : *sections) {
    const ByteRange range = RangeOf(file, section.bytes);
    // Nothing shares bytes with a debug section, or the file is damaged.
    if (range.begin < end) return {};
    end = range.end;
    if (section.is_debug) ranges.push_back(range);
  }
  return ranges;
}

std::vector<ByteRange> DebugRangesAt(std::string_view file, int nesting) {
  if (file.starts_with(kElfMagic)) return ElfDebugRanges(file);
  if (!file.starts_with(kArchiveMagic) || nesting >= kMaxNesting) return {};
  std::vector<ByteRange> ranges;
  ForEachMember(file, [&](std::string_view, std::string_view member) {
    const std::size_t base = RangeOf(file, member).begin;
    for (const ByteRange& range : DebugRangesAt(member, nesting + 1)) {
      ranges.push_back({base + range.begin, base + range.end});
    }
  });
  return ranges;
}

}  // namespace

std::vector<ByteRange> DebugRanges(std::string_view file) { return DebugRangesAt(file, 0); }

}  // namespace depcache
