#include "cache/cargo/glibc_need.h"

#include <charconv>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>

#include "cache/base/files.h"
#include "tests/cache/cargo/elf_builder.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::BytesOf;
using ::depcache::testing::ElfSection;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MakeElf;
using ::depcache::testing::StatusIs;

// A shared object which needs these versions, each from a library of its own.
std::string Needing(const std::vector<std::string>& versions) {
  std::string strings(1, '\0');
  std::string needs;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const bool is_last = i + 1 == versions.size();
    Elf64_Verneed need{};
    need.vn_version = 1;
    need.vn_cnt = 1;
    need.vn_aux = sizeof(Elf64_Verneed);
    need.vn_next = is_last ? 0 : sizeof(Elf64_Verneed) + sizeof(Elf64_Vernaux);
    Elf64_Vernaux version{};
    version.vna_name = static_cast<Elf64_Word>(strings.size());
    strings += versions[i] + '\0';
    needs += BytesOf(need) + BytesOf(version);
  }
  return MakeElf({{.name = ".dynstr", .bytes = strings, .flags = SHF_ALLOC, .type = SHT_STRTAB},
                  {.name = ".gnu.version_r",
                   .bytes = needs,
                   .flags = SHF_ALLOC,
                   .type = SHT_GNU_verneed,
                   .link = 1,
                   .info = static_cast<std::uint32_t>(versions.size())}});
}

TEST(GlibcNeedTest, IsTheLargestVersionNeeded) {
  EXPECT_THAT(GlibcMinorNeeded(Needing({"GLIBC_2.2.5"})), IsOkAndHolds(2));
  EXPECT_THAT(GlibcMinorNeeded(Needing({"GLIBC_2.3", "GLIBC_2.34", "GLIBC_2.17"})),
              IsOkAndHolds(34));
  EXPECT_THAT(GlibcMinorNeeded(Needing({"GCC_3.0", "GLIBC_2.4", "LIB_2.99", "GLIBC_PRIVATE"})),
              IsOkAndHolds(4));
  EXPECT_THAT(GlibcMinorNeeded(Needing({"GLIBC_2.4", "GLIBC_ABI_DT_RELR"})), IsOkAndHolds(36));
}

TEST(GlibcNeedTest, OtherFilesNeedNone) {
  EXPECT_THAT(GlibcMinorNeeded(""), IsOkAndHolds(0));
  EXPECT_THAT(GlibcMinorNeeded("GLIBC_2.34"), IsOkAndHolds(0));
  EXPECT_THAT(GlibcMinorNeeded(MakeElf({{.name = ".text", .bytes = "GLIBC_2.34"}})),
              IsOkAndHolds(0));
}

TEST(GlibcNeedTest, ThisProgramNeedsNoMoreThanItRunsWith) {
  const absl::StatusOr<std::string> self = ReadFile("/proc/self/exe", 1 << 30);
  ASSERT_THAT(self, IsOk());
  const absl::StatusOr<std::uint16_t> minor = GlibcMinorNeeded(*self);
  ASSERT_THAT(minor, IsOk());
  int running = 0;
  const std::string_view version = gnu_get_libc_version();
  ASSERT_TRUE(version.starts_with("2."));
  std::from_chars(version.data() + 2, version.data() + version.size(), running);
  EXPECT_LE(*minor, running);
  // __libc_start_main has had this version since 2.34.
  if (running >= 34) {
    EXPECT_GE(*minor, 34);
  }
}

TEST(GlibcNeedTest, DamageIsAnErrorAndNeverACrash) {
  const std::string good = Needing({"GLIBC_2.3", "GLIBC_2.34", "GLIBC_2.17"});
  EXPECT_THAT(GlibcMinorNeeded(good.substr(0, 40)), StatusIs(absl::StatusCode::kInvalidArgument));
  for (unsigned seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good;
    for (unsigned i = 0; i <= random() % 4; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    GlibcMinorNeeded(bytes).status().IgnoreError();
  }
}

}  // namespace
}  // namespace depcache
