#include "cache/cargo/elf_file.h"

#include <cstddef>

#include <gelf.h>

namespace depcache {
namespace {

bool IsDebugName(std::string_view name) {
  for (const std::string_view before : {".rela", ".rel"}) {
    if (name.starts_with(before)) name.remove_prefix(before.size());
  }
  return name.starts_with(".debug_") || name.starts_with(".zdebug_") || name == ".line" ||
         name == ".stab" || name == ".stabstr";
}

}  // namespace

ElfHandle OpenElf(std::string_view file) {
  static const bool is_ready = elf_version(EV_CURRENT) != EV_NONE;
  // Opened for reading, libelf leaves the image as it is.
  return ElfHandle(is_ready ? elf_memory(const_cast<char*>(file.data()), file.size()) : nullptr);
}

std::optional<std::vector<ElfSection>> ReadSections(std::string_view file) {
  const ElfHandle elf = OpenElf(file);
  std::size_t names = 0;
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
      elf_getshdrstrndx(elf.get(), &names) != 0) {
    return std::nullopt;
  }
  std::vector<ElfSection> sections;
  for (Elf_Scn* scn = elf_nextscn(elf.get(), nullptr); scn != nullptr;
       scn = elf_nextscn(elf.get(), scn)) {
    GElf_Shdr header;
    if (gelf_getshdr(scn, &header) == nullptr) return std::nullopt;
    const char* name = elf_strptr(elf.get(), names, header.sh_name);
    if (name == nullptr) return std::nullopt;
    std::string_view bytes;
    if (header.sh_type != SHT_NOBITS) {
      if (header.sh_offset > file.size() || header.sh_size > file.size() - header.sh_offset) {
        return std::nullopt;
      }
      bytes = file.substr(header.sh_offset, header.sh_size);
    }
    const bool is_loaded = (header.sh_flags & SHF_ALLOC) != 0;
    sections.push_back({name, bytes, !is_loaded && IsDebugName(name)});
  }
  return sections;
}

void ForEachMember(std::string_view file,
                   const std::function<void(std::string_view, std::string_view)>& visit) {
  const ElfHandle archive = OpenElf(file);
  if (archive == nullptr || elf_kind(archive.get()) != ELF_K_AR) return;
  Elf_Cmd next = ELF_C_READ_MMAP;  // what elf_memory opens with
  while (next != ELF_C_NULL) {
    const ElfHandle member(elf_begin(-1, next, archive.get()));
    if (member == nullptr) return;
    std::size_t size = 0;
    const char* bytes = elf_rawfile(member.get(), &size);
    const Elf_Arhdr* header = elf_getarhdr(member.get());
    if (bytes != nullptr && bytes >= file.data() && bytes + size <= file.data() + file.size() &&
        header != nullptr && header->ar_name != nullptr) {
      visit(header->ar_name, {bytes, size});
    }
    next = elf_next(member.get());
  }
}

}  // namespace depcache
