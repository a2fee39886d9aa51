#include "cache/store/rocksdb/rocksdb_store.h"

#include <memory>
#include <utility>

#include "cache/base/status.h"
#include "cache/store/rocksdb/rocksdb_blob_store.h"
#include "cache/store/rocksdb/rocksdb_catalog.h"
#include "cache/store/rocksdb/store_parts.h"

namespace depcache {

absl::StatusOr<std::shared_ptr<StoreParts>> OpenStoreParts(const RocksDbOptions& options) {
  DEPCACHE_ASSIGN_OR_RETURN(std::shared_ptr<Database> database, Database::Open(options));
  DEPCACHE_ASSIGN_OR_RETURN(std::unique_ptr<Generations> generations, Generations::Open(database));
  return std::make_shared<StoreParts>(options, std::move(database), std::move(generations));
}

absl::StatusOr<OpenedStore> OpenRocksDbStore(const RocksDbOptions& options) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::shared_ptr<StoreParts> parts, OpenStoreParts(options));
  return OpenedStore{MakeRocksDbBlobStore(parts), MakeRocksDbCatalog(parts)};
}

}  // namespace depcache
