#include "client/cargo/wrapper_link.h"

#include "cache/recipe/toml_text.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;

TEST(WrapperLinkTest, TheFolderHoldsALinkToUsAndThePolicyAndGoesWithTheObject) {
  WrapperPolicy policy;
  policy.mode = WrapperMode::kRefusePackages;
  policy.refused_dirs = {"/w/app"};
  std::filesystem::path folder;
  {
    const auto link = WrapperLink::Make("/proc/self/exe", policy);
    ASSERT_THAT(link, IsOk());
    folder = link->folder();
    EXPECT_EQ(std::filesystem::read_symlink(folder / kWrapperName), "/proc/self/exe");
    const auto bytes = ReadFile(folder / "policy", 1 << 20);
    ASSERT_THAT(bytes, IsOk());
    EXPECT_THAT(DecodeWrapperPolicy(*bytes), IsOkAndHolds(policy));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(WrapperLinkTest, CargoIsToldByConfigurationAndNotByEnvironment) {
  const auto link = WrapperLink::Make("/proc/self/exe", {});
  ASSERT_THAT(link, IsOk());
  const std::vector<std::string> args = link->CargoArguments();
  ASSERT_EQ(args.size(), 2U);
  EXPECT_EQ(args[0], "--config");
  const auto table = ParseToml(args[1]);
  ASSERT_THAT(table, IsOk());
  const std::string* path = FindString(FindTable(&*table, "build"), "rustc-wrapper");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(*path, (link->folder() / kWrapperName).native());
}

TEST(TomlStringTest, EveryTextIsReadBackAsItWas) {
  std::string all = "ä \"quoted\" \\ back";
  for (char c = 1; c < 0x7f; ++c) all += c;
  all += '\x7f';
  const auto table = ParseToml("key = " + TomlString(all));
  ASSERT_THAT(table, IsOk());
  const std::string* text = FindString(&*table, "key");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(*text, all);
}

}  // namespace
}  // namespace depcache::client
