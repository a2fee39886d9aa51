#include "client/go/zip_sum.h"

#include <map>
#include <memory>
#include <string>

#include <archive.h>
#include <archive_entry.h>

#include "cache/base/status.h"
#include "cache/go/go_sum.h"

namespace depcache::client {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;

struct CloseArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using ArchivePtr = std::unique_ptr<archive, CloseArchive>;

absl::StatusOr<std::string> HashEntry(archive* reader) {
  Sha256Hasher hasher;
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int result = ARCHIVE_OK;
  while ((result = archive_read_data_block(reader, &block, &size, &offset)) == ARCHIVE_OK) {
    hasher.Update(std::string_view(static_cast<const char*>(block), size));
  }
  if (result != ARCHIVE_EOF) return InvalidArgument("a file in it is damaged");
  return PartDigest(hasher.Finish()).ToHex();
}

}  // namespace

absl::StatusOr<PartDigest> ZipSum(const std::filesystem::path& zip) {
  const ArchivePtr reader(archive_read_new());
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_filename(reader.get(), zip.c_str(), kReadBytes) != ARCHIVE_OK) {
    return InvalidArgument("{} is not a zip file", zip.native());
  }
  std::map<std::string, std::string> files;
  archive_entry* entry = nullptr;
  int result = ARCHIVE_OK;
  while ((result = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return InvalidArgument("{} has an entry without a name", zip.native());
    const std::string path = name;
    // Folders have no part in the sum.
    if (path.ends_with('/')) continue;
    DEPCACHE_ASSIGN_OR_RETURN(std::string hash, HashEntry(reader.get()));
    if (!files.emplace(path, std::move(hash)).second) {
      return InvalidArgument("{} has two files named {}", zip.native(), path);
    }
  }
  if (result != ARCHIVE_EOF) return InvalidArgument("{} is damaged", zip.native());
  return DirectorySum(files);
}

}  // namespace depcache::client
