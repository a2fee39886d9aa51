// The promises of cache/store/blob_store.h and catalog.h as tests, for every
// store. A store's own test names how to make one and instantiates each suite:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, BlobStoreConformance, Values(case), CaseName);
//
// The suites are in an OBJECT library: from a static one the linker would drop
// them all, and nothing would run.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <gtest/gtest.h>

#include "cache/store/opened_store.h"
#include "tests/conformance/test_blobs.h"

namespace depcache::testing {

// A store and what must live as long as it does (its folder).
struct TestStore {
  std::shared_ptr<void> folder;
  OpenedStore store;
};

struct StoreCase {
  std::string name;
  std::function<TestStore()> make;  // a new, empty store
  // How much the random and the threaded tests do: about one per operation
  // that may sync a disk.
  int rounds = 100;
};
inline std::ostream& operator<<(std::ostream& out, const StoreCase& store) {
  return out << store.name;
}

inline std::string CaseName(const ::testing::TestParamInfo<StoreCase>& tested) {
  return tested.param.name;
}

class StoreConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  void SetUp() override {
    made_ = GetParam().make();
    ASSERT_NE(made_.store.blobs, nullptr);
    ASSERT_NE(made_.store.catalog, nullptr);
  }

  BlobStore& blobs() { return *made_.store.blobs; }
  Catalog& catalog() { return *made_.store.catalog; }

  absl::Status Write(const std::vector<TestBlob>& written);
  // Makes durable what was written.
  absl::Status Commit() { return catalog().Commit(CommitBatch{}); }
  // Through a view of its own.
  absl::StatusOr<std::string> Read(const BlobHash& hash);
  // The generation that Find names for a blob; 0 if it is not there.
  std::uint32_t GenerationOf(const BlobHash& hash);
  std::vector<std::uint32_t> GenerationNumbers();

 private:
  TestStore made_;
};

class BlobStoreConformance : public StoreConformance {};
class GenerationConformance : public StoreConformance {};
class CatalogConformance : public StoreConformance {};
class StoreThreadsConformance : public StoreConformance {};

}  // namespace depcache::testing
