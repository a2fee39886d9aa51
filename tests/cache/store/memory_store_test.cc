#include "cache/store/opened_store.h"
#include "tests/conformance/store_conformance.h"

namespace depcache::testing {
namespace {

const auto kMemory = ::testing::Values(StoreCase{"Memory",
                                                 [] {
                                                   return TestStore{nullptr, MakeMemoryStore()};
                                                 },
                                                 /*rounds=*/200});

INSTANTIATE_TEST_SUITE_P(Store, BlobStoreConformance, kMemory, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, GenerationConformance, kMemory, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, CatalogConformance, kMemory, CaseName);
INSTANTIATE_TEST_SUITE_P(Store, StoreThreadsConformance, kMemory, CaseName);

}  // namespace
}  // namespace depcache::testing
