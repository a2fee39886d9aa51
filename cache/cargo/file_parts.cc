#include "cache/cargo/file_parts.h"

#include <algorithm>
#include <map>

#include "cache/cargo/elf_file.h"

namespace depcache {
namespace {

struct Part {
  std::string bytes;
  bool is_debug = false;
};
// By name; parts of one name are joined in their order.
using Parts = std::map<std::string, Part>;

void Add(Parts& parts, const std::string& name, std::string_view bytes, bool is_debug) {
  Part& part = parts[name];
  part.is_debug = is_debug;
  part.bytes += bytes;
  part.bytes += '\0';  // so that a byte does not move from one to the next unseen
}

void AddSections(const std::vector<ElfSection>& sections, const std::string& before, Parts& parts) {
  for (const ElfSection& section : sections) {
    Add(parts, before + section.name, section.bytes, section.is_debug);
  }
}

Parts PartsOf(std::string_view file) {
  Parts parts;
  if (const auto sections = ReadSections(file)) {
    AddSections(*sections, "", parts);
  } else if (file.starts_with(kArchiveMagic)) {
    ForEachMember(file, [&](std::string_view name, std::string_view member) {
      if (const auto inner = ReadSections(member)) {
        AddSections(*inner, std::string(name) + ": ", parts);
      } else {
        Add(parts, std::string(name), member, false);
      }
    });
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
