#include "cache/go/layer_paths.h"

#include <gtest/gtest.h>

namespace depcache {
namespace {

const std::string kId(64, 'a');

TEST(LayerPathsTest, NamesOfAllKindsComeBack) {
  for (const GoLayerPath& path :
       {GoLayerPath{GoFileKind::kMod, "github.com/Azure/go", "v1.0.0", ""},
        GoLayerPath{GoFileKind::kInfo, "example.com/a", "v2.0.0+incompatible", ""},
        GoLayerPath{GoFileKind::kZip, "example.com/a_b~c", "v1.0.0-RC1", ""},
        GoLayerPath{GoFileKind::kZipHash, "example.com/a", "v1.0.0", ""},
        GoLayerPath{GoFileKind::kAction, "", "", kId},
        GoLayerPath{GoFileKind::kOutput, "", "", kId}}) {
    EXPECT_EQ(ParseLayerPath(LayerPathText(path)), path) << LayerPathText(path);
  }
}

TEST(LayerPathsTest, FilesLieWhereGoLooks) {
  EXPECT_EQ(PathInCache({GoFileKind::kZip, "github.com/Azure/go", "v1.0.0-RC1", ""}),
            "cache/download/github.com/!azure/go/@v/v1.0.0-!r!c1.zip");
  EXPECT_EQ(PathInCache({GoFileKind::kOutput, "", "", kId}), "aa/" + kId + "-d");
}

TEST(LayerPathsTest, NothingElseHasAPlaceInACache) {
  const std::string build = "build/aa/" + kId;
  for (const std::string& name : {std::string(),
                                  std::string("mod"),
                                  std::string("lock"),
                                  std::string("mod/cache/lock"),
                                  std::string("mod/../@v/v1.zip"),
                                  std::string("mod/a/../b/@v/v1.zip"),
                                  std::string("mod//@v/v1.zip"),
                                  std::string("mod/a//b/@v/v1.zip"),
                                  std::string("mod/.hidden/@v/v1.zip"),
                                  std::string("mod/a/@v/.zip"),
                                  std::string("mod/a/@v/../v1.zip"),
                                  std::string("mod/a/@v/x/v1.zip"),
                                  std::string("mod/a/@v/list"),
                                  std::string("mod/a/@v/v1.lock"),
                                  std::string("mod/A/@v/v1.zip"),
                                  std::string("mod/a!/@v/v1.zip"),
                                  std::string("mod/a!1/@v/v1.zip"),
                                  std::string("mod/a b/@v/v1.zip"),
                                  std::string("mod/a/@v/v1\\x.zip"),
                                  std::string("mod//etc/@v/v1.zip"),
                                  std::string("build/trim.txt"),
                                  build,
                                  build + "-x",
                                  build + "-",
                                  "build/ab/" + kId + "-a",
                                  "build/aa/" + kId.substr(1) + "-a",
                                  "build/aa/../" + kId + "-a",
                                  build + "-a/",
                                  "build/AA/" + std::string(64, 'A') + "-a",
                                  "/" + build + "-a",
                                  "Build/aa/" + kId + "-a"}) {
    EXPECT_FALSE(ParseLayerPath(name)) << name;
  }
}

TEST(LayerPathsTest, CapitalsAreEscaped) {
  EXPECT_EQ(EscapeModule("a/B"), "a/!b");
  EXPECT_EQ(UnescapeModule("a/!b"), "a/B");
  EXPECT_FALSE(EscapeModule("a/!b"));
  EXPECT_FALSE(EscapeModule(""));
}

}  // namespace
}  // namespace depcache
