#include "cache/base/codec.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

std::string ErrorOf(const Reader& reader) {
  const absl::Status status = reader.Finish("thing");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(MessageOf(status));
}

TEST(CodecTest, BytesAreAsInTheGoldenFile) {
  Writer writer;
  writer.U8(0x01);
  writer.U16(0x0203);
  writer.U32(0x04050607);
  writer.U64(0x08090A0B0C0D0E0F);
  writer.Bool(true);
  writer.Bool(false);
  writer.String("text");
  writer.String("");
  writer.Raw("raw");
  writer.Id(HashAs<BlobHash>(""));
  ExpectMatchesGolden("base/codec.v1", ToHex(writer.bytes()) + "\n");
}

TEST(CodecTest, ValuesComeBack) {
  constexpr auto kMax64 = std::numeric_limits<std::uint64_t>::max();
  Writer writer;
  writer.U8(255);
  writer.U16(65535);
  writer.U32(0x80000001);
  writer.U64(kMax64);
  writer.Bool(true);
  writer.String(std::string("a\0b", 3));
  writer.Id(HashAs<UnitKey>("key"));
  const std::string bytes = writer.Take();
  Reader reader(bytes);
  EXPECT_EQ(reader.U8(), 255);
  EXPECT_EQ(reader.U16(), 65535);
  EXPECT_EQ(reader.U32(), 0x80000001);
  EXPECT_EQ(reader.U64(), kMax64);
  EXPECT_TRUE(reader.Bool());
  EXPECT_EQ(reader.String(3), std::string_view("a\0b", 3));
  EXPECT_EQ(reader.Id<UnitKeyTag>(), HashAs<UnitKey>("key"));
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_THAT(reader.Finish("thing"), IsOk());
}

TEST(CodecTest, AFlagIsZeroOrOne) {
  Reader reader("\x02");
  EXPECT_FALSE(reader.Bool());
  EXPECT_EQ(ErrorOf(reader), "thing: a flag is neither 0 nor 1");
}

TEST(CodecTest, StringsAreBoundedByLimitAndInput) {
  Writer writer;
  writer.String("12345");
  Reader fits(writer.bytes());
  EXPECT_EQ(fits.String(5), "12345");
  Reader above(writer.bytes());
  EXPECT_EQ(above.String(4), "");
  EXPECT_EQ(ErrorOf(above), "thing: a string of 5 bytes is above the limit of 4");
  Reader cut(std::string_view(writer.bytes()).substr(0, 7));
  EXPECT_EQ(cut.String(5), "");
  EXPECT_EQ(ErrorOf(cut), "thing: 2 bytes are missing at the end");
}

TEST(CodecTest, CountPromisesNoMoreThanCanFollow) {
  const auto count = [](std::uint32_t written, std::uint32_t max, std::size_t item_bytes) {
    Writer writer;
    writer.U32(written);
    writer.Raw("123456");
    Reader reader(writer.bytes());
    const std::uint32_t read = reader.Count(max, item_bytes);
    EXPECT_EQ(reader.ok(), read == written);
    return read;
  };
  EXPECT_EQ(count(3, 3, 2), 3);
  EXPECT_EQ(count(3, 2, 2), 0) << "above the limit";
  EXPECT_EQ(count(4, 9, 2), 0) << "more than the bytes that are left";
  EXPECT_EQ(count(0xFFFFFFFF, 0xFFFFFFFF, 1), 0);
  EXPECT_EQ(count(6, 9, 1), 6);
}

TEST(CodecTest, TheFirstErrorSticks) {
  Reader reader("ab");
  reader.Fail("first");
  reader.Fail("second");
  EXPECT_EQ(reader.U64(), 0);
  EXPECT_EQ(reader.U8(), 0);
  EXPECT_EQ(reader.String(10), "");
  EXPECT_EQ(reader.Id<BlobTag>(), BlobHash());
  EXPECT_EQ(reader.bytes_left(), 0);
  EXPECT_EQ(ErrorOf(reader), "thing: first");
}

TEST(CodecTest, BytesLeftOverAreAnError) {
  Reader reader("abc");
  reader.U8();
  EXPECT_EQ(ErrorOf(reader), "thing: 2 bytes too many");
}

TEST(CodecTest, IntegersCutShortAreZeroAndAnError) {
  Reader reader("\x01\x02\x03");
  EXPECT_EQ(reader.U32(), 0);
  EXPECT_EQ(ErrorOf(reader), "thing: 1 bytes are missing at the end");
}

}  // namespace
}  // namespace depcache::testing
