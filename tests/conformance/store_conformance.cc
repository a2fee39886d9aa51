#include "tests/conformance/store_conformance.h"

namespace depcache::testing {

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
