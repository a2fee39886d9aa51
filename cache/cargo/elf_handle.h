// An open libelf handle. Only cache/cargo/*.cc include this.

#pragma once

#include <memory>
#include <string_view>

#include <libelf.h>

namespace depcache {

inline constexpr std::string_view kElfMagic("\177ELF", 4);

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

// Opens an ELF file or an archive in memory, which must outlive the handle;
// nullptr if libelf cannot make anything of it.
inline ElfHandle OpenElf(std::string_view file) {
  static const bool is_ready = elf_version(EV_CURRENT) != EV_NONE;
  // Opened for reading, libelf leaves the image as it is.
  return ElfHandle(is_ready ? elf_memory(const_cast<char*>(file.data()), file.size()) : nullptr);
}

}  // namespace depcache
