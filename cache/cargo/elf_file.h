// ELF files and archives of them (.rlib, .a) in memory, read with libelf. Only
// cache/cargo/*.cc include this. Thread-safe.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libelf.h>

namespace depcache {

inline constexpr std::string_view kElfMagic("\177ELF", 4);
inline constexpr std::string_view kArchiveMagic("!<arch>\n", 8);

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

// Opens an ELF file or an archive, which must outlive the handle; nullptr if
// libelf cannot make anything of it.
ElfHandle OpenElf(std::string_view file);

struct ElfSection {
  std::string name;
  std::string_view bytes;  // part of the file; empty if it has none there
  // Debug information or its relocations, by name; never what is loaded at run
  // time.
  bool is_debug = false;
};

// The sections of an ELF file in their order; nullopt if it is none or one of
// them cannot be read. They are as long-lived as `file`.
std::optional<std::vector<ElfSection>> ReadSections(std::string_view file);

// Calls `visit` with name and bytes of each member, up to the first damaged
// one; with none if `file` is no archive. The bytes are part of `file`.
void ForEachMember(std::string_view file,
                   const std::function<void(std::string_view, std::string_view)>& visit);

}  // namespace depcache
