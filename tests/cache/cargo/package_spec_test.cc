#include "cache/cargo/package_spec.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {

// For readable failures.
void PrintTo(const PackageSpec& spec, std::ostream* out) {
  *out << spec.name << " " << spec.version << " (" << spec.source << ", "
       << static_cast<int>(spec.kind) << ")";
}

namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;

struct Case {
  std::string pkg_id;
  PackageSpec want;
};

TEST(PackageSpecTest, ReadsEveryFormCargoWrites) {
  const std::string crates_io = "registry+https://github.com/rust-lang/crates.io-index";
  const Case cases[] = {
      {crates_io + "#serde@1.0.228", {"serde", "1.0.228", crates_io, SourceKind::kRegistry}},
      {crates_io + "#openssl-src@300.2.3+3.2.1",
       {"openssl-src", "300.2.3+3.2.1", crates_io, SourceKind::kRegistry}},
      // The last component of the URL is the name.
      {"registry+https://example.com/index/serde#1.0.0-rc.1",
       {"serde", "1.0.0-rc.1", "registry+https://example.com/index/serde", SourceKind::kRegistry}},
      {"sparse+https://example.com/index/#a_b@1.0.0",
       {"a_b", "1.0.0", "sparse+https://example.com/index/", SourceKind::kRegistry}},
      {"local-registry+file:///srv/crates#a@1.0.0",
       {"a", "1.0.0", "local-registry+file:///srv/crates", SourceKind::kRegistry}},
      {"directory+file:///srv/vendor#a@1.0.0",
       {"a", "1.0.0", "directory+file:///srv/vendor", SourceKind::kDirectory}},
      {"git+https://example.com/x/gdep?rev=0a1b2c#gdep@0.2.0",
       {"gdep", "0.2.0", "git+https://example.com/x/gdep?rev=0a1b2c", SourceKind::kGit}},
      {"git+https://example.com/x/gdep?branch=a%2Fb#0.2.0",
       {"gdep", "0.2.0", "git+https://example.com/x/gdep?branch=a%2Fb", SourceKind::kGit}},
      {"git+https://example.com/x/gdep.git#gdep@0.2.0",
       {"gdep", "0.2.0", "git+https://example.com/x/gdep.git", SourceKind::kGit}},
      {"path+file:///home/ci/ws/app#0.3.1", {"app", "0.3.1", "", SourceKind::kPath}},
      {"path+file:///home/ci/ws%20#plib@1.0.0", {"plib", "1.0.0", "", SourceKind::kPath}},
  };
  for (const Case& test : cases) {
    EXPECT_THAT(ParsePackageSpec(test.pkg_id), IsOkAndHolds(test.want)) << test.pkg_id;
  }
}

TEST(PackageSpecTest, RefusesWhatIsNoPackage) {
  for (const std::string pkg_id :
       {"", "serde", "serde@1.0.0", "registry+https://example.com/index", "#serde@1.0.0",
        "ftp+https://example.com/#serde@1.0.0", "path+file:///ws#../x@1.0.0",
        "path+file:///ws#a/b@1.0.0", "path+file:///ws#@1.0.0", "path+file:///ws#a@",
        "path+file:///ws#a@1.0/0", "path+file:///ws#a@..", "path+file:///ws/#1.0.0",
        "path+file:///ws#a\nb@1.0.0",
        "git+https://example.com/x?rev=1#102747a21f0e0a5a9ad3d9e2a3c0f6d8b8a5f0c1/"}) {
    EXPECT_THAT(ParsePackageSpec(pkg_id), StatusIs(absl::StatusCode::kInvalidArgument)) << pkg_id;
  }
}

TEST(PackageSpecTest, NamesAndVersionsAreSafeInPaths) {
  EXPECT_TRUE(IsPackageName("serde_json"));
  EXPECT_TRUE(IsPackageName("naïve-é"));
  EXPECT_FALSE(IsPackageName(std::string(257, 'a')));
  EXPECT_FALSE(IsPackageName("."));
  EXPECT_FALSE(IsPackageName("a.b"));
  EXPECT_TRUE(IsPackageVersion("1.0.0-alpha.1+build-7"));
  EXPECT_FALSE(IsPackageVersion(".."));
  EXPECT_FALSE(IsPackageVersion("v1.0.0"));
  EXPECT_FALSE(IsPackageVersion(std::string(257, '1')));
}

}  // namespace
}  // namespace depcache
