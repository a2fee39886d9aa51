#include "cache/cargo/elf_debug.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/cargo/elf_builder.h"

namespace depcache {
namespace {

using ::depcache::testing::ElfSection;
using ::depcache::testing::MakeArchive;
using ::depcache::testing::MakeElf;
using ::testing::ElementsAre;

// The bytes of the debug sections, one after the other.
std::vector<std::string> DebugBytes(std::string_view file) {
  std::vector<std::string> bytes;
  for (const ByteRange& range : DebugRanges(file)) {
    bytes.emplace_back(file.substr(range.begin, range.end - range.begin));
  }
  return bytes;
}

const std::vector<ElfSection>& Sections() {
  static const std::vector<ElfSection> sections = {
      {.name = ".text", .bytes = "code", .flags = SHF_ALLOC | SHF_EXECINSTR},
      {.name = ".debug_str", .bytes = "one"},
      {.name = ".rodata", .bytes = "data", .flags = SHF_ALLOC},
      {.name = ".zdebug_info", .bytes = "two"},
      {.name = ".debug_gdb_scripts", .bytes = "loaded", .flags = SHF_ALLOC},
      {.name = ".debug_line_str", .bytes = "three"},
      {.name = ".debug_empty", .bytes = ""},
      {.name = ".debug", .bytes = "not by this name"},
      {.name = ".stabstr", .bytes = "four"},
      {.name = ".comment", .bytes = "cc"},
  };
  return sections;
}

TEST(ElfDebugTest, FindsTheDebugSectionsOfAnObject) {
  EXPECT_THAT(DebugBytes(MakeElf(Sections())), ElementsAre("one", "two", "three", "four"));
}

TEST(ElfDebugTest, FindsThoseOfEachMemberOfAnArchive) {
  const std::string object = MakeElf(Sections());
  const std::string small = MakeElf({{.name = ".debug_str", .bytes = "small"}});
  const std::string inner = MakeArchive({{"i.o", small}, {"j.o", small}});
  const std::string archive =
      MakeArchive({{"text", "odd"}, {"a.o", object}, {"lib.a", inner}, {"b.o", small}});
  EXPECT_THAT(DebugBytes(archive),
              ElementsAre("one", "two", "three", "four", "small", "small", "small"));
}

TEST(ElfDebugTest, ArchivesWithinArchivesHaveAnEnd) {
  std::string nested = MakeElf({{.name = ".debug_str", .bytes = "deep"}});
  for (int i = 0; i < 100; ++i) nested = MakeArchive({{"x", nested}});
  EXPECT_THAT(DebugBytes(nested), ElementsAre());
}

TEST(ElfDebugTest, OtherFilesHaveNone) {
  EXPECT_THAT(DebugRanges(""), ElementsAre());
  EXPECT_THAT(DebugRanges("#!/bin/sh\n.debug_str"), ElementsAre());
  EXPECT_THAT(DebugRanges(std::string_view("\177ELF", 4)), ElementsAre());
  EXPECT_THAT(DebugRanges("!<arch>\n"), ElementsAre());
}

TEST(ElfDebugTest, AFileWhoseSectionsOverlapIsDamaged) {
  std::string object = MakeElf(Sections());
  std::uint64_t table = 0;
  std::memcpy(&table, object.data() + offsetof(Elf64_Ehdr, e_shoff), sizeof table);
  // .debug_str now reaches into .rodata.
  object[table + 2 * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_size)] = 5;
  EXPECT_THAT(DebugRanges(object), ElementsAre());
}

TEST(ElfDebugTest, ASectionBeyondTheFileIsDamage) {
  const std::string object = MakeElf(Sections());
  for (const std::size_t size : {object.size() - 1, object.size() - 64, std::size_t{100}}) {
    EXPECT_THAT(DebugRanges(object.substr(0, size)), ElementsAre()) << size;
  }
}

TEST(ElfDebugTest, DamageNeverLeadsOutOfTheFile) {
  const std::string object = MakeElf(Sections());
  const std::string archive = MakeArchive({{"a.o", object}, {"b.o", object}});
  for (unsigned seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = random() % 2 == 0 ? object : archive;
    for (unsigned i = 0; i <= random() % 4; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(bytes.size() - random() % 2 * (random() % bytes.size()));
    for (const ByteRange& range : DebugRanges(bytes)) {
      ASSERT_LT(range.begin, range.end) << "seed " << seed;
      ASSERT_LE(range.end, bytes.size()) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace depcache
