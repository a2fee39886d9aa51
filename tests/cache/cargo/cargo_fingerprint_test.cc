#include "cache/cargo/cargo_fingerprint.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/cargo/samples.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::ReadTable;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A fingerprint as Cargo writes it, with `local` in its place.
std::string Json(std::string_view local) {
  return std::string(
             R"({"rustc":18446744073709551615,"features":"[\"a\"]","declared_features":"[]",)"
             R"("target":2,"profile":3,"path":4,"deps":[[5,"serde",true,6]],"local":[)") +
         std::string(local) + R"(],"rustflags":["-C","x=\"é\""],"config":7,"compile_kind":8})";
}

class RecordedFingerprints : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedFingerprints, AreReadAndWrittenBackAndHashed) {
  for (const std::vector<std::string>& row : ReadTable(GetParam())) {
    ASSERT_EQ(row.size(), 3u);
    const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(row[2]);
    ASSERT_THAT(fingerprint, IsOk()) << row[0];
    EXPECT_EQ(ToJson(*fingerprint), row[2]);
    EXPECT_EQ(HashText(FingerprintHash(*fingerprint)), row[1]) << row[0];
  }
}

INSTANTIATE_TEST_SUITE_P(, RecordedFingerprints,
                         ::testing::Values("classic/fingerprints.txt",
                                           "classic/fingerprints_rustflags.txt",
                                           "v2/fingerprints.txt"));

// Cargo 1.100's own values, of the input alone: the two forms hash alike.
TEST(CargoFingerprintTest, BothNamesOfTheFreshnessMethodHashAlike) {
  const std::string path = R"("dep_info":"release/build/itoa/549a/fingerprint/dep-lib-itoa")";
  const auto hash = [&](std::string_view method) {
    const absl::StatusOr<Fingerprint> parsed =
        ParseFingerprint(Json("{\"CheckDepInfo\":{" + path + "," + std::string(method) + "}}"));
    EXPECT_THAT(parsed, IsOk());
    return FingerprintHash(*parsed);
  };
  EXPECT_EQ(hash(R"("checksum":false)"), hash(R"("fingerprint":"mtime")"));
  EXPECT_EQ(hash(R"("checksum":true)"), hash(R"("fingerprint":"content")"));
  EXPECT_NE(hash(R"("checksum":true)"), hash(R"("checksum":false)"));
}

TEST(CargoFingerprintTest, DepInfoHashesAsCargoHashesIt) {
  const auto hash = [](bool is_by_content) {
    SipHasher hasher;
    hasher.Isize(1);
    hasher.Path("release/build/itoa/549ac05225c9536d/fingerprint/dep-lib-itoa");
    hasher.Bool(is_by_content);
    return hasher.Finish();
  };
  EXPECT_EQ(hash(false), 16314630589961051980u);
  EXPECT_EQ(hash(true), 12589390499085566001u);
}

class EveryInput : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryInput, IsWrittenBackAsItWasRead) {
  const std::string json = Json(GetParam());
  const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(json);
  ASSERT_THAT(fingerprint, IsOk());
  EXPECT_EQ(ToJson(*fingerprint), json);
}

INSTANTIATE_TEST_SUITE_P(
    , EveryInput,
    ::testing::Values(R"({"Precalculated":"1.0.0"})",
                      R"({"CheckDepInfo":{"dep_info":"a","checksum":true}})",
                      R"({"CheckDepInfo":{"dep_info":"a","fingerprint":"content"}})",
                      R"({"CheckDepInfo":{"dep_info":"a","fingerprint":"mtime"}})",
                      R"({"RerunIfChanged":{"output":"o","paths":["a","/b"]}})",
                      R"({"RerunIfChanged":{"output":"o","paths":[]}})",
                      R"({"RerunIfEnvChanged":{"var":"A","val":null}})",
                      R"({"RerunIfEnvChanged":{"var":"A","val":"\u0001\u001f\b\f\n\r\t\\/"}})"));

TEST(CargoFingerprintTest, KeepsNumbersOf64Bits) {
  const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(Json(""));
  ASSERT_THAT(fingerprint, IsOk());
  EXPECT_EQ(fingerprint->rustc, 18446744073709551615u);
  EXPECT_THAT(
      fingerprint->deps,
      ElementsAre(FingerprintDep{.package_id = 5, .name = "serde", .is_public = true, .hash = 6}));
}

TEST(CargoFingerprintTest, EveryFieldIsInTheHash) {
  const absl::StatusOr<Fingerprint> parsed =
      ParseFingerprint(Json(R"({"RerunIfEnvChanged":{"var":"A","val":"1"}})"));
  ASSERT_THAT(parsed, IsOk());
  const std::uint64_t hash = FingerprintHash(*parsed);
  using Change = void (*)(Fingerprint&);
  const Change changes[] = {
      [](Fingerprint& f) { ++f.rustc; },
      [](Fingerprint& f) { f.features += "x"; },
      [](Fingerprint& f) { f.declared_features += "x"; },
      [](Fingerprint& f) { ++f.target; },
      [](Fingerprint& f) { ++f.profile; },
      [](Fingerprint& f) { ++f.path; },
      [](Fingerprint& f) { ++f.config; },
      [](Fingerprint& f) { ++f.compile_kind; },
      [](Fingerprint& f) { f.rustflags.pop_back(); },
      [](Fingerprint& f) { ++f.deps[0].package_id; },
      [](Fingerprint& f) { f.deps[0].name = "b"; },
      [](Fingerprint& f) { f.deps[0].is_public = false; },
      [](Fingerprint& f) { ++f.deps[0].hash; },
      [](Fingerprint& f) { f.local.clear(); },
      [](Fingerprint& f) { std::get<RerunIfEnvChanged>(f.local[0]).value.reset(); },
      [](Fingerprint& f) { f.local[0] = Precalculated{"1"}; },
      [](Fingerprint& f) {
        f.local[0] = RerunIfChanged{"o", {"p"}};
      },
      [](Fingerprint& f) { std::swap(f.path, f.profile); },
  };
  int index = 0;
  for (const Change change : changes) {
    Fingerprint changed = *parsed;
    change(changed);
    EXPECT_NE(FingerprintHash(changed), hash) << "change " << index;
    ++index;
  }
}

struct Refused {
  std::string json;
  std::string why;
};

TEST(CargoFingerprintTest, RefusesWhatItDoesNotKnowAndNamesIt) {
  const std::string known = Json("");
  const Refused cases[] = {
      {Json(R"({"CheckSum":{"a":1}})"), "CheckSum"},
      {Json(R"({"CheckDepInfo":{"dep_info":"a","checksum":false,"salt":1}})"), "salt"},
      {Json(R"({"CheckDepInfo":{"dep_info":"a","fingerprint":"blake3"}})"), "blake3"},
      {Json(R"({"CheckDepInfo":{"dep_info":"a"}})"), "checksum"},
      {Json(R"({"CheckDepInfo":{"dep_info":"a","fingerprint":"mtime","checksum":false}})"),
       "not written as Cargo"},
      {Json(R"({"RerunIfChanged":{"output":"a","paths":[1]}})"), "paths"},
      {Json(R"({"RerunIfEnvChanged":{"var":"a"}})"), "val"},
      {Json(R"({"RerunIfEnvChanged":{"var":"a","val":7}})"), "val"},
      {Json(R"({"Precalculated":"1","RerunIfChanged":{}})"), "local"},
      {Json(R"({"Precalculated":1})"), "Precalculated"},
      {known.substr(0, known.size() - 1) + R"(,"memo":1})", "memo"},
      {known.substr(0, known.size() - 1) + R"(,"config":7})", "not written as Cargo"},
      {known + "\n", "not written as Cargo"},
      {known.substr(1), "JSON"},
      {"[]", "not an object"},
      {"", "JSON"},
      {std::string(5 << 20, ' '), "bytes"},
  };
  for (const Refused& refused : cases) {
    const absl::StatusOr<Fingerprint> result = ParseFingerprint(refused.json);
    ASSERT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument)) << refused.why;
    EXPECT_THAT(std::string(MessageOf(result.status())), HasSubstr(refused.why));
  }
}

TEST(CargoFingerprintTest, RefusesNumbersThatAreNot64Bits) {
  for (const std::string_view number : {"-1", "1.0", "18446744073709551616", "\"1\"", "null"}) {
    std::string json = Json("");
    json.replace(json.find("18446744073709551615"), 20, number);
    EXPECT_THAT(ParseFingerprint(json), StatusIs(absl::StatusCode::kInvalidArgument)) << number;
  }
}

TEST(CargoFingerprintTest, EachTextMayBeReplaced) {
  const absl::StatusOr<Fingerprint> parsed = ParseFingerprint(
      Json(R"({"Precalculated":"1"},{"CheckDepInfo":{"dep_info":"d","checksum":false}},)"
           R"({"RerunIfChanged":{"output":"o","paths":["p","q"]}},)"
           R"({"RerunIfEnvChanged":{"var":"V","val":"v"}},)"
           R"({"RerunIfEnvChanged":{"var":"W","val":null}})"));
  ASSERT_THAT(parsed, IsOk());
  std::vector<FingerprintText> kinds;
  const absl::StatusOr<Fingerprint> mapped = MapTexts(
      *parsed, [&](FingerprintText kind, std::string_view text) -> absl::StatusOr<std::string> {
        kinds.push_back(kind);
        return "<" + std::string(text) + ">";
      });
  ASSERT_THAT(mapped, IsOk());
  using enum FingerprintText;
  EXPECT_THAT(kinds, ElementsAre(kPrecalculated, kDepInfoPath, kOutputPath, kInputPath, kInputPath,
                                 kEnvValue, kRustflag, kRustflag));
  EXPECT_THAT(
      ToJson(*mapped),
      HasSubstr(R"("local":[{"Precalculated":"<1>"},)"
                R"({"CheckDepInfo":{"dep_info":"<d>","checksum":false}},)"
                R"({"RerunIfChanged":{"output":"<o>","paths":["<p>","<q>"]}},)"
                R"({"RerunIfEnvChanged":{"var":"V","val":"<v>"}},)"
                R"({"RerunIfEnvChanged":{"var":"W","val":null}}],"rustflags":["<-C>","<x=)"));
}

TEST(CargoFingerprintTest, PlaceholdersSurviveBeingStored) {
  const absl::StatusOr<Fingerprint> parsed = ParseFingerprint(Json(R"({"Precalculated":"1"})"));
  ASSERT_THAT(parsed, IsOk());
  const absl::StatusOr<Fingerprint> rooted =
      MapTexts(*parsed, [](FingerprintText, std::string_view) { return "\x01w\x02/x"; });
  ASSERT_THAT(rooted, IsOk());
  const absl::StatusOr<Fingerprint> stored = ParseFingerprint(ToJson(*rooted));
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(*stored, *rooted);
}

TEST(CargoFingerprintTest, ReplacingStopsAtTheFirstError) {
  const absl::StatusOr<Fingerprint> parsed = ParseFingerprint(Json(R"({"Precalculated":"1"})"));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(MapTexts(*parsed,
                       [](FingerprintText, std::string_view) -> absl::StatusOr<std::string> {
                         return NotFound("no root");
                       }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(MapTexts(*parsed, [](FingerprintText, std::string_view) { return "/home/\xff"; }),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
