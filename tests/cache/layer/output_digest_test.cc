// OutputOf: what of a unit is its output, and what is not.

#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "cache/layer/unit_record.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/golden.h"

namespace depcache::testing {
namespace {

OutputDigest Changed(const std::function<void(UnitRecord&)>& change) {
  UnitRecord record = SampleUnit();
  change(record);
  return OutputOf(record);
}

TEST(OutputDigestTest, IsDerivedAsInTheGoldenFile) {
  std::string text = "no files  " + OutputOf(UnitRecord{}).ToHex() + "\n";
  text += "sample    " + OutputOf(SampleUnit()).ToHex() + "\n";
  for (const UnitFile& file : SampleUnit().files) {
    if (std::holds_alternative<SliceContent>(file.content)) continue;
    UnitRecord one;
    one.files = {file};
    text += fmt::format("role {}    {}\n", static_cast<int>(file.role), OutputOf(one).ToHex());
  }
  ExpectMatchesGolden("layer/output_digest.v1", text);
}

TEST(OutputDigestTest, WhatIsNoOutputDoesNotCount) {
  const OutputDigest output = OutputOf(SampleUnit());
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.layout = LayoutKind::kClassic; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.key = {}; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.package = {}; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.place = {}; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.fingerprint = "{}"; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.deps.clear(); }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.predicates.clear(); }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.compile_ms = 0; }));
  EXPECT_EQ(output, Changed([](UnitRecord& r) { r.glibc_minor = 0; }));
}

TEST(OutputDigestTest, OrderOfFilesDoesNotCount) {
  EXPECT_EQ(OutputOf(SampleUnit()),
            Changed([](UnitRecord& r) { std::swap(r.files[3], r.files[6]); }));
}

TEST(OutputDigestTest, PiecesOfAFileDoNotCount) {
  EXPECT_EQ(OutputOf(SampleUnit()), Changed([](UnitRecord& r) {
              std::get<BlobContent>(r.files[2].content).blobs = {Digest{{}, 3}, Digest{{}, 4}};
            }));
}

TEST(OutputDigestTest, InlineOrInBlobsIsTheSame) {
  UnitRecord in_line;
  in_line.files = {OutDirFile("a", InlineContent{"text"})};
  UnitRecord in_blobs;
  in_blobs.files = {OutDirFile("a", BlobContent{DigestOf("text").hash, {DigestOf("text")}})};
  EXPECT_EQ(OutputOf(in_line), OutputOf(in_blobs));
}

TEST(OutputDigestTest, EverythingOfAFileCounts) {
  std::set<OutputDigest> outputs = {OutputOf(SampleUnit())};
  const std::vector<std::function<void(UnitRecord&)>> changes = {
      [](UnitRecord& r) { r.files.pop_back(); },
      [](UnitRecord& r) { r.files[6].name = "lib2"; },
      [](UnitRecord& r) { r.files[2].is_executable = false; },
      [](UnitRecord& r) { r.files[3].is_rooted = false; },
      [](UnitRecord& r) { r.files[2].role = FileRole::kSharedObject; },
      [](UnitRecord& r) { r.files[4].content = InlineContent{"pub mod b;"}; },
      [](UnitRecord& r) { r.files[5].content = LinkContent{"bindings.rs"}; },
      [](UnitRecord& r) { r.files[5].content = InlineContent{"../gen/bindings.rs"}; },
      [](UnitRecord& r) { r.files[6].content = InlineContent{}; },
      [](UnitRecord& r) { std::get<BlobContent>(r.files[0].content).hash = IdOf<BlobHash>('S'); },
      [](UnitRecord& r) { std::get<SliceContent>(r.files[1].content).offset = 99; },
      [](UnitRecord& r) { std::get<SliceContent>(r.files[1].content).size = 901; },
      [](UnitRecord& r) { std::get<SliceContent>(r.files[1].content).file = 2; },
  };
  for (const auto& change : changes) outputs.insert(Changed(change));
  EXPECT_EQ(outputs.size(), 1 + changes.size());
}

}  // namespace
}  // namespace depcache::testing
