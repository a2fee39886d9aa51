#include "cache/engine/token_table.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string HashOf(std::string_view token) { return HashAs<PartDigest>(token).ToHex(); }

std::string Entry(std::string_view token, std::string_view more = "") {
  return fmt::format("[[token]]\nprincipal = \"of {}\"\nsha256 = \"{}\"\n{}\n", token,
                     HashOf(token), more);
}

WallTime At(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day));
}

std::string ErrorOf(std::string_view toml) {
  const auto table = TokenTable::Parse(toml);
  EXPECT_THAT(table, StatusIs(absl::StatusCode::kInvalidArgument)) << toml.substr(0, 200);
  return std::string(MessageOf(table.status()));
}

// Whether a token with this `expires` is valid at `now`.
bool IsValid(std::string_view expires, WallTime now) {
  const auto table = TokenTable::Parse(Entry("t", fmt::format("expires = {}", expires)));
  EXPECT_THAT(table, IsOk());
  return table.ok() && table->Authenticate("t", now).ok();
}

TEST(TokenTableTest, ATokenStandsForItsCaller) {
  const auto table = TokenTable::Parse(
      Entry("secret", "instance = \"team\"\nread = [\"main\", \"pr/*\"]\nwrite = [\"pr/*\"]") +
      Entry("other"));
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->size(), 2);
  const auto caller = table->Authenticate("secret", At(2026, 1, 1));
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal, "of secret");
  EXPECT_EQ(caller->instance, "team");
  EXPECT_THAT(caller->readable, ElementsAre("main", "pr/*"));
  EXPECT_THAT(caller->writable, ElementsAre("pr/*"));
  const auto other = table->Authenticate("other", At(2026, 1, 1));
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(other->readable, IsEmpty());
}

TEST(TokenTableTest, UnknownAndExpiredTokensLookAlike) {
  const auto table = TokenTable::Parse(Entry("old", "expires = 2020-01-01"));
  ASSERT_THAT(table, IsOk());
  const auto expired = table->Authenticate("old", At(2026, 1, 1)).status();
  EXPECT_THAT(expired, StatusIs(absl::StatusCode::kUnauthenticated));
  for (const std::string& token : {std::string(), std::string("ol"), std::string("old "),
                                   HashOf("old"), std::string("of old")}) {
    EXPECT_EQ(table->Authenticate(token, At(2026, 1, 1)).status(), expired) << token;
  }
  EXPECT_THAT(std::string(MessageOf(expired)), Not(HasSubstr("old")));
}

TEST(TokenTableTest, ADateEndsAtItsBeginning) {
  const WallTime midnight = At(2027, 1, 1);
  EXPECT_TRUE(IsValid("2027-01-01", midnight - std::chrono::seconds(1)));
  EXPECT_FALSE(IsValid("2027-01-01", midnight));
  EXPECT_TRUE(IsValid("2027-01-01T00:00:01Z", midnight));
  EXPECT_FALSE(IsValid("2027-01-01T00:00:01Z", midnight + std::chrono::seconds(1)));
  EXPECT_TRUE(IsValid("2027-01-01T12:30:00", midnight + std::chrono::hours(12)));
}

TEST(TokenTableTest, DatesFarAwayAreNotWrappedAround) {
  EXPECT_TRUE(IsValid("9999-12-31", At(2026, 1, 1))) << "what people write for never";
  EXPECT_TRUE(IsValid("2300-01-01T00:00:00Z", At(2026, 1, 1)));
  EXPECT_FALSE(IsValid("0001-01-01", At(2026, 1, 1)));
  EXPECT_FALSE(IsValid("1600-01-01", At(2026, 1, 1)));
}

TEST(TokenTableTest, ErrorsNameEntryAndKey) {
  const std::string good = Entry("good");
  EXPECT_THAT(ErrorOf(good + "[[token]]\nsha256 = \"" + HashOf("x") + "\"\n"),
              HasSubstr("token 2: principal is missing"));
  EXPECT_THAT(ErrorOf("[[token]]\nprincipal = \"p\"\n"), HasSubstr("token 1: hash has 0 hex"));
  EXPECT_THAT(ErrorOf(Entry("t", "reed = []")), HasSubstr("unknown key 'reed'"));
  EXPECT_THAT(ErrorOf(Entry("t", "read = \"main\"")), HasSubstr("read is not a list"));
  EXPECT_THAT(ErrorOf(Entry("t", "write = [1]")), HasSubstr("write is not a list"));
  EXPECT_THAT(ErrorOf(Entry("t", "instance = 3")), HasSubstr("instance is not a string"));
  EXPECT_THAT(ErrorOf(Entry("t", "expires = \"2027-01-01\"")), HasSubstr("expires is not a date"));
  EXPECT_THAT(ErrorOf(Entry("t", "expires = 2027-01-01T00:00:00+02:00")), HasSubstr("UTC"));
  EXPECT_THAT(ErrorOf("[[token]]\nprincipal = 1\n"), HasSubstr("principal is not a string"));
}

TEST(TokenTableTest, ScopesAreNamesOrABeginning) {
  for (const char* scope : {"*", "a*", "/*", "../x", "", "a//*", "a b"}) {
    EXPECT_THAT(ErrorOf(Entry("t", fmt::format("read = [\"{}\"]", scope))), HasSubstr("read"))
        << scope;
  }
}

TEST(TokenTableTest, AFileWithoutTokensIsAMistake) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("other than [[token]]"));
  EXPECT_THAT(ErrorOf("token = []"), HasSubstr("no tokens"));
  EXPECT_THAT(ErrorOf("token = [1]"), HasSubstr("token 1 is not a table"));
  EXPECT_THAT(ErrorOf("[token]\nprincipal = \"p\""), HasSubstr("other than [[token]]"));
  EXPECT_THAT(ErrorOf(Entry("t") + "[more]\n"), HasSubstr("other than [[token]]"));
  EXPECT_THAT(ErrorOf("[[token"), HasSubstr("token file, line 1"));
}

TEST(TokenTableTest, OneTokenIsOneCaller) {
  EXPECT_THAT(ErrorOf(Entry("t") + Entry("u") + Entry("t")), HasSubstr("of t occurs twice"));
}

TEST(TokenTableTest, TheHashIsTheWholeSha256InLowerCase) {
  const auto with = [](const std::string& hash) {
    return ErrorOf("[[token]]\nprincipal = \"p\"\nsha256 = \"" + hash + "\"\n");
  };
  EXPECT_THAT(with(HashOf("t").substr(2)), HasSubstr("62 hex digits"));
  EXPECT_THAT(with(std::string(64, 'A')), HasSubstr("lower-case"));
}

TEST(TokenTableTest, SizeIsBounded) {
  EXPECT_THAT(ErrorOf(std::string((1 << 20) + 1, '#')), HasSubstr("larger than 1 MiB"));
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += "[[token]]\n";
  EXPECT_THAT(ErrorOf(many), HasSubstr("more than 10000 tokens"));
}

TEST(TokenTableTest, DeepNestingIsAnErrorNotACrash) {
  std::string dots = "a";
  for (int i = 0; i < 400'000; ++i) dots += ".a";
  ErrorOf(dots + " = 1\n");
  ErrorOf("[" + dots + "]\n");
  ErrorOf("token = " + std::string(50'000, '['));
  std::string tables = "token = ";
  for (int i = 0; i < 50'000; ++i) tables += "{a=";
  ErrorOf(tables);
}

TEST(TokenTableTest, TheAdminRightIsGivenByName) {
  const auto entry = [](std::string_view name, std::string_view more) {
    return fmt::format("[[token]]\nprincipal=\"{}\"\nsha256=\"{}\"\nread=['main']\n{}\n", name,
                       HashAs<PartDigest>(name).ToHex(), more);
  };
  const auto table = TokenTable::Parse(entry("root", "admin=true") + entry("ci", "admin=false") +
                                       entry("dev", ""));
  ASSERT_TRUE(table.ok()) << table.status();
  const auto is_admin = [&](std::string_view token) {
    return table->Authenticate(token, WallTime())->is_admin;
  };
  EXPECT_TRUE(is_admin("root"));
  EXPECT_FALSE(is_admin("ci"));
  EXPECT_FALSE(is_admin("dev"));
  EXPECT_FALSE(TokenTable::Parse(entry("root", "admin='yes'")).ok());
}

}  // namespace
}  // namespace depcache::testing
