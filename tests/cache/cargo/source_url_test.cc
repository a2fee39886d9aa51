#include "cache/cargo/source_url.h"

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;

std::string CanonicalText(std::string_view url) { return Canonical(*ParseSourceUrl(url)).Text(); }

TEST(SourceUrlTest, SpellingsOfOnePlaceAreEqual) {
  EXPECT_EQ(CanonicalText("https://example.com/A/b.git"), "https://example.com/A/b");
  EXPECT_EQ(CanonicalText("https://example.com/A/b/"), "https://example.com/A/b");
  EXPECT_EQ(CanonicalText("https://example.com"), "https://example.com/");
  EXPECT_EQ(CanonicalText("ssh://git@github.com/Some/Thing.git"),
            "https://git@github.com/some/thing");
  EXPECT_EQ(CanonicalText("file:///srv/repo"), "file:///srv/repo");
}

TEST(SourceUrlTest, HostsAreWithoutUserAndPort) {
  EXPECT_EQ(ParseSourceUrl("https://a:b@h.example:8080/x")->Host(), "h.example");
  EXPECT_EQ(ParseSourceUrl("http://[::1]:80/x")->Host(), "[::1]");
  EXPECT_EQ(ParseSourceUrl("file:///x")->Host(), "");
}

TEST(SourceUrlTest, WithoutASchemeItIsNone) {
  for (const char* text : {"", "example.com/x", "://x", "git@example.com:x"}) {
    EXPECT_THAT(ParseSourceUrl(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace depcache
