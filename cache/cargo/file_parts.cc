#include "cache/cargo/file_parts.h"

#include <algorithm>
#include <map>

#include <gelf.h>
#include <libelf.h>

#include "cache/cargo/elf_handle.h"

namespace depcache {
namespace {

constexpr std::string_view kArchiveMagic("!<arch>\n", 8);

struct Part {
  std::string bytes;
  bool is_debug = false;
};
// By name; parts of one name are joined in their order.
using Parts = std::map<std::string, Part>;

bool IsDebugName(std::string_view name) {
  for (const std::string_view before : {".rela", ".rel"}) {
    if (name.starts_with(before)) name.remove_prefix(before.size());
  }
  return name.starts_with(".debug_") || name.starts_with(".zdebug_");
}

void Add(Parts& parts, const std::string& name, std::string_view bytes, bool is_debug) {
  Part& part = parts[name];
  part.is_debug = is_debug;
  part.bytes += bytes;
  part.bytes += '\0';  // so that a byte does not move from one to the next unseen
}

// False if one of the sections cannot be read.
bool AddSections(std::string_view file, const std::string& before, Parts& parts) {
  const ElfHandle elf = OpenElf(file);
  std::size_t names = 0;
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
      elf_getshdrstrndx(elf.get(), &names) != 0) {
    return false;
  }
  for (Elf_Scn* scn = elf_nextscn(elf.get(), nullptr); scn != nullptr;
       scn = elf_nextscn(elf.get(), scn)) {
    GElf_Shdr header;
    if (gelf_getshdr(scn, &header) == nullptr) return false;
    const char* name = elf_strptr(elf.get(), names, header.sh_name);
    if (name == nullptr) return false;
    std::string_view bytes;
    if (header.sh_type != SHT_NOBITS) {
      if (header.sh_offset > file.size() || header.sh_size > file.size() - header.sh_offset) {
        return false;
      }
      bytes = file.substr(header.sh_offset, header.sh_size);
    }
    const bool is_loaded = (header.sh_flags & SHF_ALLOC) != 0;
    Add(parts, before + name, bytes, !is_loaded && IsDebugName(name));
  }
  return true;
}

void AddMembers(std::string_view file, Parts& parts) {
  const ElfHandle archive = OpenElf(file);
  if (archive == nullptr || elf_kind(archive.get()) != ELF_K_AR) return;
  Elf_Cmd next = ELF_C_READ_MMAP;  // what elf_memory opens with
  while (next != ELF_C_NULL) {
    const ElfHandle member(elf_begin(-1, next, archive.get()));
    if (member == nullptr) break;
    std::size_t size = 0;
    const char* bytes = elf_rawfile(member.get(), &size);
    const Elf_Arhdr* header = elf_getarhdr(member.get());
    if (bytes != nullptr && header != nullptr && header->ar_name != nullptr) {
      const std::string name = header->ar_name;
      const std::string_view content(bytes, size);
      Parts sections;
      if (content.starts_with(kElfMagic) && AddSections(content, name + ": ", sections)) {
        for (const auto& [section, part] : sections) Add(parts, section, part.bytes, part.is_debug);
      } else {
        Add(parts, name, content, false);
      }
    }
    next = elf_next(member.get());
  }
}

Parts PartsOf(std::string_view file) {
  Parts parts;
  if (file.starts_with(kElfMagic)) {
    if (!AddSections(file, "", parts)) parts.clear();
  } else if (file.starts_with(kArchiveMagic)) {
    AddMembers(file, parts);
  }
  return parts;
}

}  // namespace

std::vector<FileDifference> DifferencesOf(std::string_view a, std::string_view b) {
  if (a == b) return {};
  const Parts of_a = PartsOf(a);
  const Parts of_b = PartsOf(b);
  if (of_a.empty() || of_b.empty()) return {{"", false}};
  std::vector<FileDifference> differences;
  for (const auto& [name, part] : of_a) {
    const auto other = of_b.find(name);
    if (other == of_b.end() || other->second.bytes != part.bytes) {
      differences.push_back({name, part.is_debug});
    }
  }
  for (const auto& [name, part] : of_b) {
    if (!of_a.contains(name)) differences.push_back({name, part.is_debug});
  }
  std::sort(differences.begin(), differences.end(),
            [](const FileDifference& x, const FileDifference& y) { return x.part < y.part; });
  if (differences.empty()) differences.push_back({"headers", false});
  return differences;
}

}  // namespace depcache
