#include "cache/cargo/json_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;

constexpr JsonLimits kLimits{.max_bytes = 1 << 20, .max_depth = 3, .max_fields = 4};

TEST(JsonReaderTest, FieldsKeepTheirOrder) {
  const std::string text = R"({"z":1,"a":[true,null,"é\u0001"],"m":{"y":-1,"b":1.5}})";
  const absl::StatusOr<Json> json = ParseJson(text, kLimits, "text");
  ASSERT_THAT(json, IsOk());
  EXPECT_EQ(WriteJson(*json), text);
}

TEST(JsonReaderTest, FieldsAreAskedForByType) {
  const absl::StatusOr<Json> json =
      ParseJson(R"({"s":"x","n":7,"b":true,"l":["p","q"]})", kLimits, "text");
  ASSERT_THAT(json, IsOk());
  EXPECT_THAT(StringField(*json, "s"), IsOkAndHolds("x"));
  EXPECT_THAT(IntegerField(*json, "n"), IsOkAndHolds(7u));
  EXPECT_THAT(BoolField(*json, "b"), IsOkAndHolds(true));
  EXPECT_THAT(StringsField(*json, "l"), IsOkAndHolds(ElementsAre("p", "q")));
  const auto is_wrong = StatusIs(absl::StatusCode::kInvalidArgument);
  for (const char* name : {"n", "b", "l", "absent"}) {
    EXPECT_THAT(StringField(*json, name), is_wrong) << name;
  }
  for (const char* name : {"s", "b", "l", "absent"}) {
    EXPECT_THAT(IntegerField(*json, name), is_wrong) << name;
  }
  for (const char* name : {"s", "n", "l", "absent"}) {
    EXPECT_THAT(BoolField(*json, name), is_wrong) << name;
  }
  for (const char* name : {"s", "n", "b", "absent"}) {
    EXPECT_THAT(ArrayField(*json, name), is_wrong) << name;
    EXPECT_THAT(ObjectField(*json, name), is_wrong) << name;
  }
  EXPECT_THAT(StringField(Json::array(), "s"), is_wrong);
}

TEST(JsonReaderTest, TooDeepIsRefused) {
  EXPECT_THAT(ParseJson("[[[1]],{},[[]],[]]", kLimits, "text"), IsOk());
  EXPECT_THAT(ParseJson("[[{\"a\":[]}]]", kLimits, "text"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseJson(std::string(1 << 20, '['), kLimits, "text"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonReaderTest, TooManyFieldsAreRefusedPerObject) {
  EXPECT_THAT(ParseJson(R"([{"a":1,"b":2,"c":3,"d":4},{"a":1,"b":2,"c":3,"d":4}])", kLimits, "t"),
              IsOk());
  EXPECT_THAT(ParseJson(R"([{"a":1,"b":2,"c":{"x":1},"d":4,"e":5}])", kLimits, "t"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonReaderTest, TooLargeIsRefused) {
  EXPECT_THAT(ParseJson(std::string((1 << 20) + 1, ' '), kLimits, "text"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonReaderTest, UnknownFieldsAreFound) {
  const Json json = {{"a", 1}, {"b", 2}};
  EXPECT_THAT(CheckFields(json, {"a", "b", "c"}), IsOk());
  EXPECT_THAT(CheckFields(json, {"a"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckFields(Json::array(), {"a"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonReaderTest, TellsUtf8) {
  for (const std::string text : {"", "abc", "\x01w\x02", "é€𝄞", "\"\\"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  EXPECT_TRUE(IsUtf8(std::string("a\0b", 3)));
  for (const std::string text : {"\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace depcache
