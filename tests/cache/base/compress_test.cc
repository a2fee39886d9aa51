#include "cache/base/compress.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kLimit = 1 << 20;

std::string RandomBytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

template <typename T>
std::string ErrorOf(const absl::StatusOr<T>& result) {
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(MessageOf(result.status()));
}

TEST(CompressTest, WhatWasCompressedComesBack) {
  for (const std::size_t size : {0U, 1U, 2U, 1000U, 65'536U, 1U << 20}) {
    for (const std::string& plain : {RandomBytes(size, size), std::string(size, 'x')}) {
      const std::string frame = CompressFrame(plain);
      EXPECT_THAT(FrameContentSize(frame, kLimit), IsOkAndHolds(size));
      EXPECT_THAT(DecompressFrame(frame, size), IsOkAndHolds(plain));
    }
  }
}

TEST(CompressTest, EqualContentGivesEqualFrames) {
  const std::string plain = RandomBytes(1000, 1) + std::string(1000, 'x');
  EXPECT_EQ(CompressFrame(plain), CompressFrame(plain));
  EXPECT_LE(CompressFrame(plain, 19).size(), CompressFrame(plain, 1).size());
}

TEST(CompressTest, TheLimitIsOfTheContent) {
  const std::string frame = CompressFrame(std::string(1000, 'x'));
  EXPECT_THAT(DecompressFrame(frame, 1000), IsOk());
  EXPECT_THAT(ErrorOf(DecompressFrame(frame, 999)), HasSubstr("above the limit of 999"));
  EXPECT_THAT(ErrorOf(FrameContentSize(frame, 999)), HasSubstr("above the limit of 999"));
}

TEST(CompressTest, ABombIsRefusedByWhatItStates) {
  const std::string bomb = CompressFrame(std::string(256 << 20, '\0'));
  ASSERT_LT(bomb.size(), 64 << 10);
  EXPECT_THAT(ErrorOf(DecompressFrame(bomb, kLimit)), HasSubstr("of 268435456 bytes is above"));
}

// The frame with another content size in its header: magic, descriptor, a byte
// of window unless the frame is a single segment, and four of size.
std::string WithStatedSize(std::string frame, std::uint32_t size) {
  EXPECT_EQ(frame[4] & 0xC0, 0x80) << "the size has not four bytes";
  const std::size_t at = (frame[4] & 0x20) != 0 ? 5 : 6;
  for (std::size_t i = 0; i < 4; ++i) frame[at + i] = static_cast<char>(size >> (8 * i));
  return frame;
}

TEST(CompressTest, ABombThatLiesAboutItsSizeIsRefused) {
  const std::string bomb = CompressFrame(std::string(64 << 20, '\0'));
  EXPECT_THAT(DecompressFrame(WithStatedSize(bomb, 64 << 20), 64 << 20), IsOk());
  EXPECT_FALSE(DecompressFrame(WithStatedSize(bomb, 1000), kLimit).ok());
  EXPECT_FALSE(DecompressFrame(WithStatedSize(bomb, kLimit), kLimit).ok());
  // A frame which states more than it holds is no content of that size either.
  const std::string small = CompressFrame(std::string(100'000, '\0'));
  EXPECT_FALSE(DecompressFrame(WithStatedSize(small, 100'001), kLimit).ok());
}

TEST(CompressTest, ExactlyOneFrame) {
  const std::string frame = CompressFrame("content");
  EXPECT_THAT(ErrorOf(DecompressFrame(frame + frame, kLimit)), HasSubstr("exactly one"));
  EXPECT_THAT(ErrorOf(DecompressFrame(frame + "x", kLimit)), HasSubstr("exactly one"));
  EXPECT_THAT(ErrorOf(DecompressFrame("", kLimit)), HasSubstr("not a zstd frame"));
  EXPECT_THAT(ErrorOf(DecompressFrame("plain text, no frame", kLimit)),
              HasSubstr("not a zstd frame"));
}

TEST(CompressTest, ASkippableFrameIsNoContent) {
  // zstd's container for other data: it would expand to nothing, whatever it holds.
  const std::string skippable("\x50\x2A\x4D\x18\x04\x00\x00\x00junk", 12);
  EXPECT_THAT(ErrorOf(FrameContentSize(skippable, kLimit)), HasSubstr("not a zstd frame"));
  EXPECT_THAT(ErrorOf(DecompressFrame(skippable, kLimit)), HasSubstr("not a zstd frame"));
}

TEST(CompressTest, AFrameWithoutContentSizeIsRefused) {
  // What `printf abc | zstd --no-content-size` writes.
  const std::string frame("\x28\xB5\x2F\xFD\x00\x58\x19\x00\x00\x61\x62\x63", 12);
  EXPECT_THAT(ErrorOf(FrameContentSize(frame, kLimit)), HasSubstr("without content size"));
}

TEST(CompressTest, DamageIsAnErrorOrOtherBytes) {
  const std::string plain = RandomBytes(300, 2) + std::string(300, 'x');
  const std::string frame = CompressFrame(plain);
  for (std::size_t at = 0; at < frame.size(); ++at) {
    EXPECT_FALSE(DecompressFrame(frame.substr(0, at), kLimit).ok()) << "cut at " << at;
    std::string damaged = frame;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto expanded = DecompressFrame(damaged, kLimit);
    if (expanded.ok()) {
      EXPECT_LE(expanded->size(), kLimit);
    }
  }
}

TEST(CompressTest, TheBufferMustFitExactly) {
  const std::string frame = CompressFrame("12345");
  std::string plain(5, '\0');
  EXPECT_THAT(DecompressFrame(frame, std::span<char>(plain)), IsOk());
  EXPECT_EQ(plain, "12345");
  std::string long_one(6, '.');
  EXPECT_THAT(DecompressFrame(frame, std::span<char>(long_one)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(long_one, "......");
  std::string short_one(4, '.');
  EXPECT_THAT(DecompressFrame(frame, std::span<char>(short_one)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CompressTest, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        const std::string plain = RandomBytes(2000, 1000 * t + i) + std::string(500, 'y');
        EXPECT_THAT(DecompressFrame(CompressFrame(plain), kLimit), IsOkAndHolds(plain));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace depcache::testing
