#include "cache/cargo/path_boundary.h"

#include <string_view>

#include <gtest/gtest.h>

namespace depcache {
namespace {

// Whether the first "/app" of `text` is a whole path.
bool IsWhole(std::string_view text) { return IsWholeLeadingPath(text, text.find("/app"), 4); }

TEST(PathBoundaryTest, WholePaths) {
  for (const std::string_view text : {"/app",
                                      "/app/",
                                      "/app/src/lib.rs",
                                      "a /app b",
                                      "\"/app\"",
                                      "native=/app/out",
                                      "PATH=a:/app:b",
                                      "-L/app/lib",
                                      "-I /app",
                                      "-isystem/app",
                                      "x -L/app",
                                      "\"-B/app\"",
                                      "-Wl,-rpath,/app",
                                      "path+file:///app#0.1.0",
                                      "file:///app/x",
                                      "//app",
                                      "see /app.",
                                      "(/app)",
                                      "@/app/rsp",
                                      "</app/x.h>",
                                      "/app\n",
                                      "/app\xC1",
                                      "\xC1/app",
                                      "\x01/app",
                                      "/app%s",
                                      "/app%",
                                      "/app%2",
                                      "[/app]",
                                      "{/app}",
                                      "'/app',"}) {
    EXPECT_TRUE(IsWhole(text)) << text;
  }
}

TEST(PathBoundaryTest, PartsOfLongerPathsAndNames) {
  for (const std::string_view text : {"/appconfig/latest",
                                      "/app-x",
                                      "/app_x",
                                      "/app.old",
                                      "/app1",
                                      "/app~",
                                      "/app+",
                                      "/app@2",
                                      "/app%20x",
                                      "/app%2Fx",
                                      "/app\xc3\xa9",
                                      "foo/app",
                                      "foo//app",
                                      "./app",
                                      "../app",
                                      "~/app",
                                      "foo-bar/app",
                                      "$(pwd)/app",
                                      "${HOME}/app",
                                      "%cd%/app",
                                      "a[0]/app",
                                      "<prefix>/app",
                                      "*/app",
                                      "\xc3\xa9/app",
                                      "</app>",
                                      "/cargo/registry/app/x",
                                      "a/-L/app",
                                      "x-L/app"}) {
    EXPECT_FALSE(IsWhole(text)) << text;
  }
}

TEST(PathBoundaryTest, HoldsAtCompileTime) {
  static_assert(IsWholeLeadingPath("x=/app/y", 2, 4));
  static_assert(!IsWholeLeadingPath("/appconfig", 0, 4));
}

}  // namespace
}  // namespace depcache
