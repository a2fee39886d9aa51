// Blobs for tests of stores.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/store/blob_store.h"

namespace depcache::testing {

// A blob as a writer has it.
struct TestBlob {
  std::string plain;
  std::string frame;
  Digest digest;

  const BlobHash& hash() const { return digest.hash; }
  NewBlob AsNew() const { return NewBlob{digest, frame}; }
};

TestBlob MakeBlob(std::string_view plain);
// `size` bytes which zstd cannot shrink, the same for the same seed.
TestBlob MakeRandomBlob(std::size_t size, std::uint64_t seed);

std::vector<BlobHash> HashesOf(const std::vector<TestBlob>& blobs);

// What `view` gives for each hash, expanded.
std::vector<absl::StatusOr<std::string>> ReadPlain(BlobView& view,
                                                   const std::vector<BlobHash>& hashes);

}  // namespace depcache::testing
