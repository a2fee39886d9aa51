// Small ELF files and archives.

#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>
#include <fmt/format.h>

namespace depcache::testing {

struct ElfSection {
  std::string name;
  std::string bytes;
  std::uint64_t flags = 0;
  std::uint32_t type = SHT_PROGBITS;
  std::uint32_t link = 0;
  std::uint32_t info = 0;
};

template <typename T>
std::string BytesOf(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

// A 64-bit little-endian object file: header, the sections' bytes in order,
// the table of names, the section headers. Section i of the list is number
// i + 1 in the file.
inline std::string MakeElf(const std::vector<ElfSection>& sections) {
  std::string names(1, '\0');
  std::string body(sizeof(Elf64_Ehdr), '\0');
  std::vector<Elf64_Shdr> headers(1);
  std::memset(headers.data(), 0, sizeof headers[0]);
  const auto add = [&](const ElfSection& section) {
    Elf64_Shdr header;
    std::memset(&header, 0, sizeof header);
    header.sh_name = static_cast<Elf64_Word>(names.size());
    header.sh_type = section.type;
    header.sh_flags = section.flags;
    header.sh_offset = body.size();
    header.sh_size = section.bytes.size();
    header.sh_link = section.link;
    header.sh_info = section.info;
    header.sh_addralign = 1;
    names += section.name + '\0';
    body += section.bytes;
    headers.push_back(header);
  };
  for (const ElfSection& section : sections) add(section);
  add({.name = ".shstrtab", .bytes = "", .type = SHT_STRTAB});
  headers.back().sh_size = names.size();
  body += names;
  body.resize((body.size() + 7) / 8 * 8, '\0');

  Elf64_Ehdr elf;
  std::memset(&elf, 0, sizeof elf);
  std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_ident[EI_DATA] = ELFDATA2LSB;
  elf.e_ident[EI_VERSION] = EV_CURRENT;
  elf.e_type = ET_REL;
  elf.e_machine = EM_X86_64;
  elf.e_version = EV_CURRENT;
  elf.e_shoff = body.size();
  elf.e_ehsize = sizeof elf;
  elf.e_shentsize = sizeof(Elf64_Shdr);
  elf.e_shnum = static_cast<Elf64_Half>(headers.size());
  elf.e_shstrndx = static_cast<Elf64_Half>(headers.size() - 1);
  std::memcpy(body.data(), &elf, sizeof elf);
  for (const Elf64_Shdr& header : headers) body += BytesOf(header);
  return body;
}

// An archive of these members, each as (name of at most 15 bytes, content).
inline std::string MakeArchive(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string bytes = "!<arch>\n";
  for (const auto& [name, content] : members) {
    bytes += fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name + "/", 0, 0, 0, "100644",
                         content.size());
    bytes += content;
    if (bytes.size() % 2 != 0) bytes += '\n';
  }
  return bytes;
}

}  // namespace depcache::testing
