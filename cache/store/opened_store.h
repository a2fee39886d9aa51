#pragma once

#include <memory>

#include "cache/store/blob_store.h"
#include "cache/store/catalog.h"

namespace depcache {

// Both interfaces of one store, which share what Commit needs to order writes.
struct OpenedStore {
  std::shared_ptr<BlobStore> blobs;
  std::shared_ptr<Catalog> catalog;
};

// A store in maps: for tests, and for a server that keeps nothing.
OpenedStore MakeMemoryStore();

}  // namespace depcache
