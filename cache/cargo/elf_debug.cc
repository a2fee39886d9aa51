#include "cache/cargo/elf_debug.h"

#include <algorithm>
#include <optional>

#include <gelf.h>
#include <libelf.h>

#include "cache/cargo/elf_handle.h"

namespace depcache {
namespace {

constexpr std::string_view kArchiveMagic("!<arch>\n", 8);
constexpr int kMaxNesting = 4;  // archives in archives

struct Section {
  ByteRange range;
  bool is_debug = false;
};

bool IsDebugName(std::string_view name) {
  return name.starts_with(".debug_") || name.starts_with(".zdebug_") || name == ".line" ||
         name == ".stab" || name == ".stabstr";
}

// Sections with bytes in the file, by where they begin; nullopt if one cannot
// be read.
std::optional<std::vector<Section>> ReadSections(Elf* elf, std::size_t file_size) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return std::nullopt;
  std::vector<Section> sections;
  for (Elf_Scn* scn = elf_nextscn(elf, nullptr); scn != nullptr; scn = elf_nextscn(elf, scn)) {
    GElf_Shdr header;
    if (gelf_getshdr(scn, &header) == nullptr) return std::nullopt;
    if (header.sh_type == SHT_NOBITS || header.sh_size == 0) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    if (name == nullptr || header.sh_offset > file_size ||
        header.sh_size > file_size - header.sh_offset) {
      return std::nullopt;
    }
    const bool is_loaded = (header.sh_flags & SHF_ALLOC) != 0;
    sections.push_back(
        {{header.sh_offset, header.sh_offset + header.sh_size}, !is_loaded && IsDebugName(name)});
  }
  std::sort(sections.begin(), sections.end(),
            [](const Section& a, const Section& b) { return a.range.begin < b.range.begin; });
  return sections;
}

std::vector<ByteRange> ElfDebugRanges(std::string_view file) {
  const ElfHandle elf = OpenElf(file);
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF) return {};
  const std::optional<std::vector<Section>> sections = ReadSections(elf.get(), file.size());
  if (!sections.has_value()) return {};
  std::vector<ByteRange> ranges;
  std::size_t end = 0;
  for (const Section& section : *sections) {
    // Nothing shares bytes with a debug section, or the file is damaged.
    if (section.range.begin < end) return {};
    end = section.range.end;
    if (section.is_debug) ranges.push_back(section.range);
  }
  return ranges;
}

std::vector<ByteRange> DebugRangesAt(std::string_view file, int nesting);

std::vector<ByteRange> ArchiveDebugRanges(std::string_view file, int nesting) {
  const ElfHandle archive = OpenElf(file);
  if (archive == nullptr || elf_kind(archive.get()) != ELF_K_AR) return {};
  std::vector<ByteRange> ranges;
  Elf_Cmd next = ELF_C_READ_MMAP;  // what elf_memory opens with
  while (next != ELF_C_NULL) {
    // Ends at the last member, or at the first damaged one.
    const ElfHandle member(elf_begin(-1, next, archive.get()));
    if (member == nullptr) break;
    std::size_t size = 0;
    const char* bytes = elf_rawfile(member.get(), &size);
    if (bytes != nullptr && bytes >= file.data() && bytes + size <= file.data() + file.size()) {
      const auto base = static_cast<std::size_t>(bytes - file.data());
      for (const ByteRange& range : DebugRangesAt({bytes, size}, nesting + 1)) {
        ranges.push_back({base + range.begin, base + range.end});
      }
    }
    next = elf_next(member.get());
  }
  return ranges;
}

std::vector<ByteRange> DebugRangesAt(std::string_view file, int nesting) {
  if (file.starts_with(kElfMagic)) return ElfDebugRanges(file);
  if (file.starts_with(kArchiveMagic) && nesting < kMaxNesting) {
    return ArchiveDebugRanges(file, nesting);
  }
  return {};
}

}  // namespace

std::vector<ByteRange> DebugRanges(std::string_view file) { return DebugRangesAt(file, 0); }

}  // namespace depcache
