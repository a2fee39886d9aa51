// Records that somebody made by hand: each breaks one rule of unit_record.h.

#include <functional>

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "cache/layer/limits.h"
#include "cache/layer/unit_record.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;
using Change = std::function<void(UnitRecord&)>;

std::string Outcome(const UnitRecord& record) {
  const auto decoded = DecodeUnitRecord(Encode(record));
  if (!decoded.ok()) {
    EXPECT_THAT(decoded, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(MessageOf(decoded.status()));
  }
  EXPECT_EQ(*decoded, record);
  return "accepted";
}

std::string OutcomeOf(const Change& change) {
  UnitRecord record = SampleUnit();
  change(record);
  return Outcome(record);
}

// The sample with further entries of OUT_DIR.
std::string OutcomeWith(std::vector<UnitFile> files) {
  return OutcomeOf([&](UnitRecord& record) {
    for (UnitFile& file : files) record.files.push_back(std::move(file));
  });
}

TEST(UnitRecordHostileTest, PathsOfOutDirStayBelowIt) {
  for (const std::string name : {"..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "./a"}) {
    EXPECT_THAT(OutcomeWith({OutDirFile(name, InlineContent{})}), HasSubstr("leaves OUT_DIR"))
        << name;
    EXPECT_THAT(OutcomeWith({OutDirFile(name, FolderContent{})}), HasSubstr("leaves OUT_DIR"))
        << name;
  }
  EXPECT_THAT(OutcomeWith({OutDirFile(std::string("a\0b", 3), InlineContent{})}),
              HasSubstr("leaves OUT_DIR"));
  EXPECT_EQ(OutcomeWith({OutDirFile("..a/...", InlineContent{})}), "accepted");
}

TEST(UnitRecordHostileTest, LinksPointBelowOutDir) {
  const auto outcome = [](std::string name, std::string target) {
    return OutcomeWith({OutDirFile(std::move(name), LinkContent{std::move(target)})});
  };
  for (const char* target : {"", "/etc", "..", "../..", "../../x", "a/../../x", "x/..", "a/../b"}) {
    EXPECT_THAT(outcome("l", target), HasSubstr("a link leaves OUT_DIR")) << target;
  }
  EXPECT_THAT(outcome("a/l", "../../x"), HasSubstr("a link leaves OUT_DIR"));
  EXPECT_THAT(outcome("a/l", std::string("x\0y", 3)), HasSubstr("a link leaves OUT_DIR"));
  EXPECT_EQ(outcome("a/l", "../x"), "accepted");
  EXPECT_EQ(outcome("a/b/l", "../../x"), "accepted");
  EXPECT_EQ(outcome("l", "..."), "accepted");
}

TEST(UnitRecordHostileTest, NothingLiesBehindALink) {
  const UnitFile link = OutDirFile("a", LinkContent{"b"});
  const UnitFile behind = OutDirFile("a/x", InlineContent{});
  EXPECT_THAT(OutcomeWith({link, behind}), HasSubstr("behind a link"));
  EXPECT_THAT(OutcomeWith({behind, link}), HasSubstr("behind a link"));
  EXPECT_THAT(OutcomeWith({link, OutDirFile("a/b/c/d", FolderContent{})}),
              HasSubstr("behind a link"));
  EXPECT_EQ(OutcomeWith({link, OutDirFile("ab/x", InlineContent{})}), "accepted");
}

TEST(UnitRecordHostileTest, LinksAndFoldersAreOfOutDirOnly) {
  for (const FileContent& content : {FileContent(LinkContent{"x"}), FileContent(FolderContent{})}) {
    UnitFile object{FileRole::kDwarfObject, "a.dwo", false, false, content};
    EXPECT_THAT(OutcomeWith({object}), HasSubstr("outside OUT_DIR"));
  }
}

TEST(UnitRecordHostileTest, TwoFilesNeverHaveOneName) {
  EXPECT_THAT(OutcomeWith({OutDirFile("lib", InlineContent{})}), HasSubstr("one name"));
  UnitFile rlib = SampleUnit().files[0];
  EXPECT_THAT(OutcomeWith({rlib}), HasSubstr("one name"));
}

TEST(UnitRecordHostileTest, OnlySomeRolesHaveNames) {
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) { r.files[0].name = "x"; }), HasSubstr("has a name"));
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) { r.files[4].name = ""; }), HasSubstr("has a name"));
  for (const char* name : {"a/b", "..", "."}) {
    EXPECT_THAT(OutcomeWith({UnitFile{FileRole::kDwarfObject, name, false, false, {}}}),
                HasSubstr("not one component"));
  }
  EXPECT_EQ(OutcomeWith({UnitFile{FileRole::kDwarfObject, "a.dwo", false, false, {}}}), "accepted");
}

TEST(UnitRecordHostileTest, PlaceholdersStandInFilesOfTheirOwn) {
  for (const std::size_t slice_link_folder : {1U, 5U, 6U}) {
    EXPECT_THAT(OutcomeOf([&](UnitRecord& r) { r.files[slice_link_folder].is_rooted = true; }),
                HasSubstr("no file of its own"));
  }
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) { r.files[0].is_rooted = true; }),
              HasSubstr("a slice lies outside its file"));
}

TEST(UnitRecordHostileTest, SlicesLieInAnEarlierFile) {
  const std::uint64_t whole = (1 << 20) + 7;
  const auto outcome = [](SliceContent slice) {
    return OutcomeOf([&](UnitRecord& r) { r.files[1].content = slice; });
  };
  EXPECT_EQ(outcome({0, 0, whole}), "accepted");
  EXPECT_EQ(outcome({0, whole, 0}), "accepted");
  EXPECT_THAT(outcome({0, 0, whole + 1}), HasSubstr("outside its file"));
  EXPECT_THAT(outcome({0, 1, whole}), HasSubstr("outside its file"));
  EXPECT_THAT(outcome({0, whole + 1, 0}), HasSubstr("outside its file"));
  EXPECT_THAT(outcome({0, ~0ULL, 2}), HasSubstr("outside its file"));
  EXPECT_THAT(outcome({0, 2, ~0ULL}), HasSubstr("outside its file"));
  EXPECT_THAT(outcome({1, 0, 0}), HasSubstr("does not come before"));
  EXPECT_THAT(outcome({2, 0, 0}), HasSubstr("does not come before"));
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) {
                r.files[6].content = SliceContent{4, 0, 0};
              }),
              HasSubstr("outside its file"));
}

TEST(UnitRecordHostileTest, EveryPartOfThePlaceIsOneComponent) {
  const std::vector<std::function<std::string&(UnitRecord&)>> parts = {
      [](UnitRecord& r) -> std::string& { return r.place.triple; },
      [](UnitRecord& r) -> std::string& { return r.place.profile_dir; },
      [](UnitRecord& r) -> std::string& { return r.place.package; },
      [](UnitRecord& r) -> std::string& { return r.place.hash; },
      [](UnitRecord& r) -> std::string& { return r.place.fingerprint_file; },
      [](UnitRecord& r) -> std::string& { return r.place.crate_name; },
      [](UnitRecord& r) -> std::string& { return r.package.name; },
      [](UnitRecord& r) -> std::string& { return r.package.version; },
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::string bad : {"..", ".", "a/b", "/a", "a/"}) {
      EXPECT_NE(OutcomeOf([&](UnitRecord& r) { parts[i](r) = bad; }), "accepted") << i << bad;
    }
    EXPECT_NE(OutcomeOf([&](UnitRecord& r) { parts[i](r) = std::string(1, '\0'); }), "accepted");
    const std::string outcome = OutcomeOf([&](UnitRecord& r) { parts[i](r).clear(); });
    EXPECT_EQ(outcome == "accepted", i == 0) << "only the triple may be empty: " << outcome;
  }
}

TEST(UnitRecordHostileTest, TheSourcePathStaysInThePackage) {
  for (const char* path : {"/src/lib.rs", "../lib.rs", "src/../../x"}) {
    EXPECT_THAT(OutcomeOf([&](UnitRecord& r) { r.source_path = path; }),
                HasSubstr("leaves the package"));
  }
  EXPECT_EQ(OutcomeOf([](UnitRecord& r) { r.source_path.clear(); }), "accepted");
}

TEST(UnitRecordHostileTest, ChecksumsAreSha256) {
  for (const std::string& bad : {std::string(63, 'a'), std::string(64, 'g'), std::string(64, 'A'),
                                std::string(65, 'a'), std::string("x")}) {
    EXPECT_NE(OutcomeOf([&](UnitRecord& r) { r.package.checksum = bad; }), "accepted") << bad;
  }
  EXPECT_EQ(OutcomeOf([](UnitRecord& r) { r.package.checksum.clear(); }), "accepted");
}

TEST(UnitRecordHostileTest, PredicatesAreInOrderAndOnce) {
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) { std::swap(r.predicates[0], r.predicates[1]); }),
              HasSubstr("not in order"));
  EXPECT_THAT(OutcomeOf([](UnitRecord& r) { r.predicates[1] = r.predicates[0]; }),
              HasSubstr("not in order"));
}

TEST(UnitRecordHostileTest, UnknownNumbersAreRefused) {
  for (const int kind : {0, 200, 255}) {
    EXPECT_THAT(OutcomeOf([&](UnitRecord& r) { r.place.kind = static_cast<UnitKind>(kind); }),
                HasSubstr("unknown kind of unit"));
  }
  for (const int role : {0, 200, 255}) {
    EXPECT_THAT(OutcomeOf([&](UnitRecord& r) { r.files[0].role = static_cast<FileRole>(role); }),
                HasSubstr("unknown role"));
  }
  for (const int layout : {0, 4, 255}) {
    EXPECT_THAT(OutcomeOf([&](UnitRecord& r) { r.layout = static_cast<LayoutKind>(layout); }),
                HasSubstr("unknown layout"));
  }
  for (const int kind : {0, 3}) {
    EXPECT_THAT(
        OutcomeOf([&](UnitRecord& r) { r.predicates[0].kind = static_cast<PredicateKind>(kind); }),
        HasSubstr("unknown kind of predicate"));
  }
}

// At the limit accepted, one above refused.
struct Limit {
  std::string_view what;
  std::function<void(UnitRecord&, std::size_t)> fill;
  std::size_t limit;
};

std::vector<Limit> Limits() {
  return {
      {"inline bytes",
       [](UnitRecord& r, std::size_t n) {
         r.files[4].content = InlineContent{std::string(n, 'x')};
       },
       kMaxInlineBytes},
      {"blob bytes",
       [](UnitRecord& r, std::size_t n) {
         r.files[2].content = BlobContent{{}, {Digest{{}, n}}};
       },
       kMaxBlobBytes},
      {"blobs of a file",
       [](UnitRecord& r, std::size_t n) {
         r.files[2].content = BlobContent{{}, std::vector<Digest>(n, Digest{{}, kMaxBlobBytes})};
       },
       kMaxFileBytes / kMaxBlobBytes},
      {"files",
       [](UnitRecord& r, std::size_t n) {
         for (std::size_t i = r.files.size(); i < n; ++i) {
           r.files.push_back(OutDirFile("f" + std::to_string(i), FolderContent{}));
         }
       },
       kMaxUnitFiles},
      {"dependencies", [](UnitRecord& r, std::size_t n) { r.deps.resize(n); }, kMaxUnitDeps},
      {"predicates",
       [](UnitRecord& r, std::size_t n) {
         r.predicates.clear();
         for (std::size_t i = 0; i < n; ++i) {
           r.predicates.push_back({PredicateKind::kEnv, std::to_string(10'000 + i), std::nullopt});
         }
       },
       kMaxPredicates},
      {"a name of OUT_DIR",
       [](UnitRecord& r, std::size_t n) { r.files[4].name = std::string(n, 'n'); }, kMaxNameBytes},
      {"a source path", [](UnitRecord& r, std::size_t n) { r.source_path = std::string(n, 'n'); },
       kMaxNameBytes},
      {"a link",
       [](UnitRecord& r, std::size_t n) { r.files[5].content = LinkContent{std::string(n, 'n')}; },
       kMaxNameBytes},
      {"a package's name",
       [](UnitRecord& r, std::size_t n) { r.package.name = std::string(n, 'n'); }, kMaxNameBytes},
      {"a crate's name",
       [](UnitRecord& r, std::size_t n) { r.place.crate_name = std::string(n, 'n'); },
       kMaxNameBytes},
      {"a predicate's name",
       [](UnitRecord& r, std::size_t n) {
         r.predicates = {{PredicateKind::kEnv, std::string(n, 'n'), std::nullopt}};
       },
       kMaxNameBytes},
      {"the fingerprint", [](UnitRecord& r, std::size_t n) { r.fingerprint = std::string(n, 'f'); },
       512 << 10},
  };
}

TEST(UnitRecordHostileTest, LimitsHoldToTheByte) {
  for (const Limit& limit : Limits()) {
    EXPECT_EQ(OutcomeOf([&](UnitRecord& r) { limit.fill(r, limit.limit); }), "accepted")
        << limit.what;
    EXPECT_NE(OutcomeOf([&](UnitRecord& r) { limit.fill(r, limit.limit + 1); }), "accepted")
        << limit.what;
  }
}

}  // namespace
}  // namespace depcache::testing
