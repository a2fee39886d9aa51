#include "cache/recipe/secret_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depcache {
namespace {

using ::testing::MatchesRegex;

TEST(SecretTextTest, NamesThatSpeakOfSecretsAreTakenForSecrets) {
  for (const std::string_view name :
       {"GITHUB_TOKEN", "my-api.key", "DB_PASSWORD", "aws_secret_access", "SIGNING_KEY",
        "CARGO_REGISTRIES_ACME_CREDENTIAL_PROVIDER", "HTTP_AUTH", "GH_PAT", "SSH_PRIVATE"}) {
    EXPECT_TRUE(MayBeSecret(name, "x")) << name;
  }
  for (const std::string_view name :
       {"CFLAGS", "OPENSSL_DIR", "PKG_CONFIG_PATH", "KEYBOARD", "PATH", "CC_x86_64-linux-gnu"}) {
    EXPECT_FALSE(MayBeSecret(name, "/usr/lib")) << name;
  }
}

TEST(SecretTextTest, ValuesThatLookLikeCredentialsAreTakenForSecrets) {
  for (const std::string_view value :
       {"https://user:pass@host/index", "sparse+https://tok@host/", "ghp_abcdef",
        "-L x git+ssh://git:pw@host/a", "Bearer abc", "see http://a/ and https://b:c@d/"}) {
    EXPECT_TRUE(MayBeSecret("X", value)) << value;
  }
  for (const std::string_view value : {"ssh://git@github.com/a/b", "https://host/a@b", "-O2 -g",
                                       "user@host", "git+ssh://git@h/x"}) {
    EXPECT_FALSE(MayBeSecret("X", value)) << value;
  }
}

TEST(SecretTextTest, UserInfoIsTakenOutOfUrls) {
  EXPECT_EQ(WithoutUserInfo("https://user:p@ss@host/a?b@c"), "https://host/a?b@c");
  EXPECT_EQ(WithoutUserInfo("https://a@b/ https://c:d@e/"), "https://b/ https://e/");
  EXPECT_EQ(WithoutUserInfo("ssh://git@github.com/x"), "ssh://git@github.com/x");
  EXPECT_EQ(WithoutUserInfo("registry+https://host/"), "registry+https://host/");
  EXPECT_EQ(WithoutUserInfo("://@"), "://");
}

TEST(SecretTextTest, ADigestIsBoundToItsName) {
  EXPECT_THAT(ValueDigest("A", "x"), MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_EQ(ValueDigest("A", "x"), ValueDigest("A", "x"));
  EXPECT_NE(ValueDigest("A", "x"), ValueDigest("B", "x"));
  EXPECT_NE(ValueDigest("A", "x"), ValueDigest("A", "y"));
  EXPECT_NE(ValueDigest("A", "Bx"), ValueDigest("AB", "x"));
}

TEST(SecretTextTest, OnlyWellFormedUtf8IsUtf8) {
  for (const std::string_view text :
       {"", "abc", "ü", "\xE2\x82\xAC", "\xF0\x9F\xA6\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const std::string_view text :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace depcache
