#include "tests/conformance/test_blobs.h"

#include <random>

#include <gtest/gtest.h>

#include "cache/base/compress.h"
#include "cache/layer/limits.h"

namespace depcache::testing {

TestBlob MakeBlob(std::string_view plain) {
  return TestBlob{std::string(plain), CompressFrame(plain), DigestOf(plain)};
}

TestBlob MakeRandomBlob(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string plain(size, '\0');
  for (char& byte : plain) byte = static_cast<char>(random());
  return MakeBlob(plain);
}

std::vector<BlobHash> HashesOf(const std::vector<TestBlob>& blobs) {
  std::vector<BlobHash> hashes;
  for (const TestBlob& blob : blobs) hashes.push_back(blob.hash());
  return hashes;
}

std::vector<absl::StatusOr<std::string>> ReadPlain(BlobView& view,
                                                   const std::vector<BlobHash>& hashes) {
  std::vector<absl::StatusOr<std::string>> all;
  view.Read(hashes, [&](std::size_t index, absl::StatusOr<Frame> frame) {
    EXPECT_EQ(index, all.size()) << "out of order";
    if (!frame.ok()) {
      all.push_back(frame.status());
      return true;
    }
    all.push_back(DecompressFrame(frame->bytes, kMaxBlobBytes));
    if (all.back().ok()) {
      EXPECT_EQ(all.back()->size(), frame->plain_bytes);
    }
    return true;
  });
  return all;
}

}  // namespace depcache::testing
