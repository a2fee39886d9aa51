#include "tests/conformance/store_conformance.h"

#include <random>

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

absl::Status StoreConformance::Write(const std::vector<TestBlob>& written) {
  std::vector<NewBlob> batch;
  for (const TestBlob& blob : written) batch.push_back(blob.AsNew());
  return blobs().Write(batch);
}

absl::StatusOr<std::string> StoreConformance::Read(const BlobHash& hash) {
  const std::shared_ptr<BlobView> view = blobs().OpenView();
  return ReadPlain(*view, {hash}).at(0);
}

std::uint32_t StoreConformance::GenerationOf(const BlobHash& hash) {
  const auto states = blobs().Find({&hash, 1});
  if (!states.ok() || states->size() != 1 || !states->front()) return 0;
  return states->front()->generation;
}

std::vector<std::uint32_t> StoreConformance::GenerationNumbers() {
  std::vector<std::uint32_t> numbers;
  for (const GenerationState& generation : blobs().Generations()) {
    numbers.push_back(generation.number);
  }
  return numbers;
}

}  // namespace depcache::testing
