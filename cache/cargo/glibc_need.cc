#include "cache/cargo/glibc_need.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>

#include <gelf.h>
#include <libelf.h>

#include "cache/base/status.h"
#include "cache/cargo/elf_file.h"

namespace depcache {
namespace {

// y of "GLIBC_2.y" and "GLIBC_2.y.z"; 0 for other versions.
std::uint16_t GlibcMinor(std::string_view version) {
  constexpr std::string_view kPrefix = "GLIBC_2.";
  // Relative relocations in packed form came with glibc 2.36.
  if (version == "GLIBC_ABI_DT_RELR") return 36;
  if (!version.starts_with(kPrefix)) return 0;
  version.remove_prefix(kPrefix.size());
  std::uint16_t minor = 0;
  std::from_chars(version.data(), version.data() + version.size(), minor);
  return minor;
}

// The same over one section of needed versions; nullopt if it is damaged.
std::optional<std::uint16_t> GlibcMinorOf(Elf* elf, Elf_Scn* scn, const GElf_Shdr& header) {
  Elf_Data* data = elf_getdata(scn, nullptr);
  if (data == nullptr || data->d_size > std::numeric_limits<int>::max() / 2) return std::nullopt;
  std::uint16_t largest = 0;
  std::size_t library_offset = 0;
  // Each step goes forward, so there are at most d_size of them.
  while (library_offset < data->d_size) {
    GElf_Verneed library;
    if (gelf_getverneed(data, static_cast<int>(library_offset), &library) == nullptr) {
      return std::nullopt;
    }
    std::size_t offset = library_offset + library.vn_aux;
    for (unsigned i = 0; i < library.vn_cnt; ++i) {
      GElf_Vernaux version;
      if (offset >= data->d_size ||
          gelf_getvernaux(data, static_cast<int>(offset), &version) == nullptr) {
        return std::nullopt;
      }
      const char* name = elf_strptr(elf, header.sh_link, version.vna_name);
      if (name == nullptr) return std::nullopt;
      largest = std::max(largest, GlibcMinor(name));
      if (version.vna_next == 0) break;
      offset += version.vna_next;
    }
    if (library.vn_next == 0) return largest;
    library_offset += library.vn_next;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::uint16_t> GlibcMinorNeeded(std::string_view file) {
  if (!file.starts_with(kElfMagic)) return 0;
  const ElfHandle elf = OpenElf(file);
  GElf_Ehdr ehdr;
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
      gelf_getehdr(elf.get(), &ehdr) == nullptr) {
    return InvalidArgument("damaged ELF file");
  }
  std::uint16_t largest = 0;
  for (Elf_Scn* scn = elf_nextscn(elf.get(), nullptr); scn != nullptr;
       scn = elf_nextscn(elf.get(), scn)) {
    GElf_Shdr header;
    if (gelf_getshdr(scn, &header) == nullptr) return InvalidArgument("damaged ELF file");
    if (header.sh_type != SHT_GNU_verneed) continue;
    const std::optional<std::uint16_t> minor = GlibcMinorOf(elf.get(), scn, header);
    if (!minor.has_value()) return InvalidArgument("damaged ELF file: needed versions");
    largest = std::max(largest, *minor);
  }
  return largest;
}

}  // namespace depcache
