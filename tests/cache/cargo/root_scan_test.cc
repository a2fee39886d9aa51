#include "cache/cargo/root_scan.h"

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/cargo/elf_builder.h"

namespace depcache {

void PrintTo(const RootHit& hit, std::ostream* out) { *out << hit.root << " at " << hit.offset; }

namespace {

using ::depcache::testing::MakeArchive;
using ::depcache::testing::MakeElf;
using ::testing::ElementsAre;
using ::testing::Optional;

// The roots of an image which works in a folder of one component.
const std::vector<std::string> kImageRoots = {"/app", "/src", "/", "/root", "/app/target"};

std::optional<RootHit> Scan(std::string_view file,
                            const std::vector<std::string>& roots = kImageRoots) {
  return RootScanner(roots).Scan(file);
}

// A string as rustc's metadata has it: length, bytes, end.
std::string MetadataString(std::string_view text) {
  std::string bytes;
  std::size_t size = text.size();
  while (size >= 0x80) {
    bytes += static_cast<char>((size & 0x7F) | 0x80);
    size >>= 7;
  }
  return bytes + static_cast<char>(size) + std::string(text) + '\xC1';
}

TEST(RootScannerTest, RootsAreNormalisedAndShortOnesLeftOut) {
  EXPECT_THAT(RootScanner({"/app/", "/", "", "/ab", "rel/ative", "/home/ci/ws//", "/app"}).roots(),
              ElementsAre("/home/ci/ws", "/app"));
  EXPECT_EQ(Scan("/ab /", {"/ab", "/"}), std::nullopt);
  EXPECT_EQ(Scan("/app", {}), std::nullopt);
}

TEST(RootScannerTest, NamesThatOnlyLookLikeRootsDoNotCount) {
  for (const std::string_view text :
       {"/appconfig/latest", "/application", "my/app/x", "registry/src/index", "/srcs", "/roots/x",
        "chroot/root/x", "</root>", "<root><a/></root>", "/", "a / b", "http://example.com/app/x",
        "/cargo/registry/src/index/x-1.0.0/src/lib.rs", "/rustc/abc/library/std/src/rt.rs"}) {
    EXPECT_EQ(Scan(text), std::nullopt) << text;
  }
}

TEST(RootScannerTest, WholeLeadingPathsCount) {
  EXPECT_THAT(Scan("x /app y"), Optional(RootHit{"/app", 2}));
  EXPECT_THAT(Scan(std::string_view("\0/app\0", 6)), Optional(RootHit{"/app", 1}));
  EXPECT_THAT(Scan("/appconfig native=/src/lib"), Optional(RootHit{"/src", 18}));
  EXPECT_THAT(Scan("/root/.cargo"), Optional(RootHit{"/root", 0}));
  EXPECT_THAT(Scan("/root"), Optional(RootHit{"/root", 0}));
}

TEST(RootScannerTest, TheLongestRootIsNamed) {
  EXPECT_THAT(Scan("=/app/target/release"), Optional(RootHit{"/app/target", 1}));
  EXPECT_THAT(Scan("=/app/targets"), Optional(RootHit{"/app", 1}));
}

// What a linker merges has no byte between strings.
TEST(RootScannerTest, RootsOfSeveralComponentsCountAfterAnyByte) {
  EXPECT_THAT(Scan("was not set/app/target/release"), Optional(RootHit{"/app/target", 11}));
  EXPECT_THAT(Scan("was not set/home/ci/ws/x", {"/home/ci/ws"}),
              Optional(RootHit{"/home/ci/ws", 11}));
  EXPECT_EQ(Scan("was not set/home/ci/ws2/x", {"/home/ci/ws"}), std::nullopt);
}

TEST(RootScannerTest, LengthsOfMetadataStringsAreBoundaries) {
  // Lengths of 46 to 126 look like letters, digits and signs.
  for (std::size_t size = 5; size < 300; ++size) {
    std::string path = "/app/";
    path.resize(size, 'x');
    const std::string bytes = "\xC1" + MetadataString(path);
    EXPECT_THAT(Scan(bytes), Optional(RootHit{"/app", bytes.size() - size - 1})) << size;
  }
}

TEST(RootScannerTest, APartOfALongerMetadataStringIsNone) {
  // Of each length, so that for one the byte before "/src" is a length, too.
  for (std::size_t size = 1; size < 200; ++size) {
    for (const std::string_view before : {"/cargo/registry/a-1.0.1", "/cargo/registry/a-1.0.x"}) {
      std::string path = std::string(before) + "/src/";
      path.resize(path.size() + size, 'x');
      EXPECT_EQ(Scan("\xC1" + MetadataString(path)), std::nullopt) << path;
    }
  }
}

TEST(RootScannerTest, DebugSectionsDoNotBind) {
  const std::string_view path = "/home/ci/ws/nat.c";
  const std::string object = MakeElf({{.name = ".rodata", .bytes = "x", .flags = SHF_ALLOC},
                                      {.name = ".debug_line_str", .bytes = std::string(path)}});
  const std::vector<std::string> roots = {"/home/ci/ws"};
  EXPECT_EQ(Scan(object, roots), std::nullopt);
  EXPECT_EQ(Scan(MakeArchive({{"a.o", object}, {"b.o", object}}), roots), std::nullopt);
}

TEST(RootScannerTest, WhatIsNotDebugInformationBinds) {
  const std::vector<std::string> roots = {"/home/ci/ws"};
  const std::string path = "/home/ci/ws/nat.c";
  const std::string debug_only = MakeElf({{.name = ".debug_str", .bytes = path}});
  const std::string both = MakeElf({{.name = ".debug_str", .bytes = path},
                                    {.name = ".rodata", .bytes = path, .flags = SHF_ALLOC}});
  const auto hit = Scan(both, roots);
  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(hit->offset, both.rfind(path));
  EXPECT_TRUE(Scan(MakeArchive({{"a.o", debug_only}, {"b.o", both}}), roots).has_value());
  // Not in a section; in a member which is no object; as a member's name.
  EXPECT_TRUE(Scan(debug_only + path, roots).has_value());
  EXPECT_TRUE(Scan(MakeArchive({{"a.o", debug_only}, {"a.bc", path}}), roots).has_value());
  EXPECT_TRUE(Scan(path + debug_only, roots).has_value());
}

TEST(RootScannerTest, DamagedObjectsBind) {
  const std::string object = MakeElf({{.name = ".debug_str", .bytes = "/home/ci/ws/nat.c"}});
  const std::vector<std::string> roots = {"/home/ci/ws"};
  EXPECT_EQ(Scan(object, roots), std::nullopt);
  EXPECT_TRUE(Scan(object.substr(0, object.size() - 8), roots).has_value());
  std::string archive = MakeArchive({{"a.o", object}, {"b.o", object}});
  EXPECT_EQ(Scan(archive, roots), std::nullopt);
  archive[archive.rfind('`')] = 'x';  // the second member's header
  EXPECT_TRUE(Scan(archive, roots).has_value());
}

TEST(RootScannerTest, AgreesWithLookingAtEveryByte) {
  const std::vector<std::string> roots = {"/ab/c", "/ab/d", "/b/ab/c"};
  const RootScanner scanner(roots);
  for (unsigned seed = 0; seed < 5000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < 60) text += "/abcd /"[random() % 7];
    std::optional<std::size_t> want;
    for (std::size_t pos = 0; pos < text.size() && !want.has_value(); ++pos) {
      for (const std::string& root : roots) {
        const std::size_t end = pos + root.size();
        if (text.compare(pos, root.size(), root) == 0 &&
            (end == text.size() || text[end] == '/' || text[end] == ' ')) {
          want = pos;
        }
      }
    }
    const std::optional<RootHit> got = scanner.Scan(text);
    ASSERT_EQ(got.has_value(), want.has_value()) << "seed " << seed << ": " << text;
    if (want.has_value()) {
      ASSERT_EQ(got->offset, *want) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace depcache
