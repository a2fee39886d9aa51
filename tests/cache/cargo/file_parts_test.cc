#include "cache/cargo/file_parts.h"

#include <gmock/gmock.h>

#include "tests/cache/cargo/elf_builder.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Object(const std::string& code, const std::string& debug = "debug") {
  return MakeElf({{".text", code}, {".debug_str", debug}, {".rela.debug_info", debug}});
}

TEST(FilePartsTest, EqualFilesDoNotDiffer) {
  EXPECT_THAT(DifferencesOf("text", "text"), IsEmpty());
  EXPECT_THAT(DifferencesOf(Object("a"), Object("a")), IsEmpty());
}

TEST(FilePartsTest, SectionsOfElfFilesAreNamed) {
  EXPECT_THAT(DifferencesOf(Object("a"), Object("b")), ElementsAre(FileDifference{".text", false}));
  EXPECT_THAT(DifferencesOf(Object("a"), Object("a", "other")),
              ElementsAre(FileDifference{".debug_str", true},
                          FileDifference{".rela.debug_info", true}));
  EXPECT_THAT(DifferencesOf(MakeElf({{".text", "a"}}), MakeElf({{".data", "a"}})),
              ElementsAre(FileDifference{".data", false}, FileDifference{".shstrtab", false},
                          FileDifference{".text", false}));
}

TEST(FilePartsTest, MembersOfArchivesAreNamedWithTheirSections) {
  const std::string a = MakeArchive({{"lib.rmeta", "meta"}, {"code.o", Object("a")}});
  EXPECT_THAT(DifferencesOf(a, MakeArchive({{"lib.rmeta", "atem"}, {"code.o", Object("b")}})),
              ElementsAre(FileDifference{"code.o: .text", false},
                          FileDifference{"lib.rmeta", false}));
  EXPECT_THAT(DifferencesOf(a, MakeArchive({{"lib.rmeta", "meta"}})),
              ::testing::Contains(FileDifference{"code.o: .text", false}));
}

// A loaded section is code or data, whatever it is called.
TEST(FilePartsTest, WhatIsLoadedIsNoDebugInformation) {
  const auto with = [](const char* bytes) {
    return MakeElf({{.name = ".debug_str", .bytes = bytes, .flags = SHF_ALLOC}});
  };
  EXPECT_THAT(DifferencesOf(with("a"), with("b")), ElementsAre(FileDifference{".debug_str", false}));
}

TEST(FilePartsTest, OtherFilesAndDamagedOnesHaveNoParts) {
  EXPECT_THAT(DifferencesOf("a", "b"), ElementsAre(FileDifference{"", false}));
  const std::string elf = Object("a");
  EXPECT_THAT(DifferencesOf(elf, elf.substr(0, elf.size() / 2)),
              ElementsAre(FileDifference{"", false}));
  std::string other_header = elf;
  other_header[8] = 'x';  // padding of the identification
  EXPECT_THAT(DifferencesOf(elf, other_header), ElementsAre(FileDifference{"headers", false}));
}

}  // namespace
}  // namespace depcache::testing
