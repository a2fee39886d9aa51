#pragma once

#include <memory>

#include "cache/store/blob_store.h"
#include "cache/store/rocksdb/store_parts.h"

namespace depcache {

std::shared_ptr<BlobStore> MakeRocksDbBlobStore(std::shared_ptr<StoreParts> parts);

}  // namespace depcache
