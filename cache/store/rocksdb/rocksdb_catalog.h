#pragma once

#include <memory>

#include "cache/store/catalog.h"
#include "cache/store/rocksdb/store_parts.h"

namespace depcache {

std::shared_ptr<Catalog> MakeRocksDbCatalog(std::shared_ptr<StoreParts> parts);

}  // namespace depcache
