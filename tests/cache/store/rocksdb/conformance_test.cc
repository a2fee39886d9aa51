#include "cache/base/check.h"
#include "tests/cache/store/rocksdb/rocksdb_fixture.h"
#include "tests/conformance/store_conformance.h"

namespace depcache::testing {
namespace {

TestStore MakeRocksDb() {
  auto folder = std::make_shared<ScopedTempDir>(MakeTempFolder());
  auto store = OpenRocksDbStore(SmallOptions(folder->path()));
  DEPCACHE_CHECK(store.ok());
  return TestStore{std::move(folder), *std::move(store)};
}

const auto kRocksDb = ::testing::Values(StoreCase{"RocksDb", MakeRocksDb, /*rounds=*/60});

INSTANTIATE_TEST_SUITE_P(Store, BlobStoreConformance, kRocksDb, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, GenerationConformance, kRocksDb, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, CatalogConformance, kRocksDb, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, StoreThreadsConformance, kRocksDb, CaseName);

}  // namespace
}  // namespace depcache::testing
