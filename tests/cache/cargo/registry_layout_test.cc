#include "cache/cargo/registry_layout.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

constexpr std::string_view kMine = "sparse+https://my.example/index/";

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;

TEST(RegistryLayoutTest, FoldersAreNamedAsCargoNamesThem) {
  EXPECT_THAT(RegistryDirName(kCratesIoSource), IsOkAndHolds("index.crates.io-1949cf8c6b5b557f"));
  EXPECT_THAT(RegistryDirName(kCratesIoSource, CratesIoProtocol::kGit),
              IsOkAndHolds("github.com-25cdd57fae9f0462"));
  EXPECT_THAT(RegistryDirName("sparse+https://index.crates.io/"),
              IsOkAndHolds("index.crates.io-1949cf8c6b5b557f"));
  EXPECT_THAT(RegistryDirName("sparse+https://my-crates.io"),
              IsOkAndHolds("my-crates.io-327cfdbd92dd81e1"));
  EXPECT_THAT(RegistryDirName("sparse+https://your-crates.io"),
              IsOkAndHolds("your-crates.io-64a713b6a6fb7055"));
  EXPECT_THAT(RegistryDirName("registry+https://my-crates.io"),
              IsOkAndHolds("my-crates.io-b2d65deb64f05373"));
  EXPECT_THAT(RegistryDirName("registry+https://your-crates.io/"),
              IsOkAndHolds("your-crates.io-755952de063f5dc4"));
}

TEST(RegistryLayoutTest, SpellingsOfOneRegistryHaveOneFolder) {
  const std::string name = RegistryDirName("registry+https://example.com/index").value();
  EXPECT_THAT(RegistryDirName("registry+https://example.com/index/"), IsOkAndHolds(name));
  EXPECT_THAT(RegistryDirName("registry+https://example.com/index.git"), IsOkAndHolds(name));
  EXPECT_NE(RegistryDirName("sparse+https://example.com/index").value(), name);
  EXPECT_NE(RegistryDirName("registry+https://example.com/Index").value(), name);
  EXPECT_EQ(RegistryDirName("registry+https://github.com/A/B.git").value(),
            RegistryDirName("registry+http://github.com/a/b").value());
}

TEST(RegistryLayoutTest, OnlyTheHostIsInTheName) {
  EXPECT_TRUE(RegistryDirName("sparse+https://user@example.com:8443/x/")
                  .value()
                  .starts_with("example.com-"));
  EXPECT_TRUE(RegistryDirName("registry+https://[::1]:80/x").value().starts_with("[::1]-"));
  EXPECT_TRUE(RegistryDirName("registry+file:///srv/index").value().starts_with("-"));
}

TEST(RegistryLayoutTest, RefusesWhatIsNoRegistry) {
  for (const std::string source :
       {"", "git+https://example.com/x", "path+file:///x", "registry+example.com", "registry+://x",
        "registry+https://a b/x", "registry+https://a\\..\\b/x", "sparse+"}) {
    EXPECT_THAT(RegistryDirName(source), StatusIs(absl::StatusCode::kInvalidArgument)) << source;
  }
}

TEST(RegistryLayoutTest, KnowsWhichIndexesAreFiles) {
  EXPECT_TRUE(IsSparseRegistry(kCratesIoSource));
  EXPECT_FALSE(IsSparseRegistry(kCratesIoSource, CratesIoProtocol::kGit));
  EXPECT_TRUE(IsSparseRegistry("sparse+https://example.com/"));
  EXPECT_FALSE(IsSparseRegistry("registry+https://example.com/"));
}

TEST(RegistryLayoutTest, IndexFilesLieByTheirNames) {
  EXPECT_THAT(IndexPath("a"), IsOkAndHolds("1/a"));
  EXPECT_THAT(IndexPath("cc"), IsOkAndHolds("2/cc"));
  EXPECT_THAT(IndexPath("syn"), IsOkAndHolds("3/s/syn"));
  EXPECT_THAT(IndexPath("serde"), IsOkAndHolds("se/rd/serde"));
  EXPECT_THAT(IndexPath("Inflector"), IsOkAndHolds("in/fl/inflector"));
  EXPECT_THAT(IndexPath("a-_b"), IsOkAndHolds("a-/_b/a-_b"));
  for (const std::string name : {"", "..", "a/b", "../../x", "é", "a.b"}) {
    EXPECT_THAT(IndexPath(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

TEST(RegistryLayoutTest, CrateFilesHaveNameAndVersion) {
  EXPECT_THAT(CrateFileName("serde_json", "1.0.0+x"), IsOkAndHolds("serde_json-1.0.0+x.crate"));
  EXPECT_THAT(CrateFileName("../x", "1.0.0"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CrateFileName("x", "../1"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RegistryLayoutTest, ConfigsMustSayWhereToDownload) {
  for (const std::string config :
       {"", "{}", "[]", R"({"dl":1})", R"({"dl":"x")", R"({"dl":"x"})", R"({"dl":"file:///x"})",
        R"({"dl":"https://me@example.com"})", R"({"dl":"https:///x"})",
        R"({"dl":"https://example.com/a b"})", R"({"dl":"https://example.com/\n"})"}) {
    EXPECT_THAT(PortableRegistryConfig(config, kMine), StatusIs(absl::StatusCode::kInvalidArgument))
        << config;
  }
  EXPECT_THAT(PortableRegistryConfig(std::string(70 << 10, ' '), kMine),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Tokens go to the API, and with downloads to whoever is named there.
TEST(RegistryLayoutTest, OfAConfigOnlyTravelsWhatCannotLeadATokenAway) {
  EXPECT_THAT(PortableRegistryConfig(
                  R"({"dl":"https://cdn.example/{crate}","api":"https://evil.example","x":{}})", kMine),
              IsOkAndHolds(R"({"dl":"https://cdn.example/{crate}"})"));
  EXPECT_THAT(PortableRegistryConfig(R"({"dl":"https://my.example/dl","auth-required":true})", kMine),
              IsOkAndHolds(R"({"dl":"https://my.example/dl","auth-required":true})"));
  for (const std::string host : {"https://cdn.example", "http://my.example", "https://my.example:8443",
                                 "https://my.example.evil"}) {
    EXPECT_THAT(PortableRegistryConfig(R"({"dl":")" + host + R"(/dl","auth-required":true})", kMine),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << host;
  }
}

// Recorded from Cargo 1.95.0.
TEST(RegistryLayoutTest, ARegistryOnLoopbackIsNamedAsCargoNamesIt) {
  EXPECT_THAT(RegistryDirName("sparse+http://127.0.0.1:36135/index/"),
              IsOkAndHolds("127.0.0.1-bae7b7fdff3ad3ab"));
}

}  // namespace
}  // namespace depcache
