#include "cache/cargo/index_cache.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cache/base/codec.h"
#include "cache/base/status.h"
#include "cache/cargo/json_reader.h"
#include "cache/cargo/package_spec.h"

namespace depcache {
namespace {

constexpr std::uint8_t kCacheVersion = 3;
constexpr std::uint32_t kLineVersion = 2;
// web-sys, one of the largest of crates.io, has 5 MB with lines of 60 KB.
constexpr std::size_t kMaxFileBytes = 128 << 20;
constexpr JsonLimits kLineLimits{.max_bytes = 1 << 20, .max_depth = 8, .max_fields = 8192};

// Reads texts which end in a zero byte. Borrows the bytes.
class TextReader {
 public:
  explicit TextReader(std::string_view rest) : rest_(rest) {}

  bool AtEnd() const { return rest_.empty(); }
  // Errors: INVALID_ARGUMENT (no zero byte).
  absl::StatusOr<std::string_view> Next() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return InvalidArgument("index cache: cut off");
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

 private:
  std::string_view rest_;
};

// What follows the two version numbers.
absl::StatusOr<std::string_view> AfterHeader(std::string_view bytes) {
  if (bytes.size() > kMaxFileBytes) return InvalidArgument("index cache: {} bytes", bytes.size());
  Reader reader(bytes);
  const std::uint8_t cache_version = reader.U8();
  const std::uint32_t line_version = reader.U32();
  if (!reader.ok()) return InvalidArgument("index cache: cut off");
  if (cache_version != kCacheVersion || line_version != kLineVersion) {
    return InvalidArgument("index cache: version {}.{} is not known", cache_version, line_version);
  }
  return bytes.substr(bytes.size() - reader.bytes_left());
}

bool HasVersion(const IndexCache& cache, std::string_view version) {
  return std::any_of(cache.entries.begin(), cache.entries.end(),
                     [&](const IndexEntry& entry) { return entry.version == version; });
}

}  // namespace

absl::StatusOr<IndexCache> ParseIndexCache(std::string_view bytes) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string_view texts, AfterHeader(bytes));
  TextReader reader(texts);
  IndexCache cache;
  DEPCACHE_ASSIGN_OR_RETURN(cache.revision, reader.Next());
  while (!reader.AtEnd()) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::string_view version, reader.Next());
    DEPCACHE_ASSIGN_OR_RETURN(const std::string_view json, reader.Next());
    if (!IsPackageVersion(version)) return InvalidArgument("index cache: bad version");
    cache.entries.push_back({std::string(version), std::string(json)});
  }
  return cache;
}

absl::StatusOr<std::string_view> FindIndexLine(std::string_view bytes, std::string_view version) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string_view texts, AfterHeader(bytes));
  TextReader reader(texts);
  DEPCACHE_RETURN_IF_ERROR(reader.Next().status());
  while (!reader.AtEnd()) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::string_view found, reader.Next());
    DEPCACHE_ASSIGN_OR_RETURN(const std::string_view json, reader.Next());
    if (found == version) return json;
  }
  return NotFound("index cache: no version {}", version);
}

std::string Serialize(const IndexCache& cache) {
  Writer writer;
  writer.U8(kCacheVersion);
  writer.U32(kLineVersion);
  const auto text = [&](std::string_view value) {
    writer.Raw(value);
    writer.U8(0);
  };
  text(cache.revision);
  for (const IndexEntry& entry : cache.entries) {
    text(entry.version);
    text(entry.json);
  }
  return writer.Take();
}

IndexCache Merged(IndexCache cache, const std::vector<IndexEntry>& added) {
  for (const IndexEntry& entry : added) {
    if (!HasVersion(cache, entry.version)) cache.entries.push_back(entry);
  }
  return cache;
}

absl::StatusOr<IndexLine> ParseIndexLine(std::string_view json) {
  if (json.find('\0') != std::string_view::npos || json.find('\n') != std::string_view::npos) {
    return InvalidArgument("index line: more than one line");
  }
  DEPCACHE_ASSIGN_OR_RETURN(const Json fields, ParseJson(json, kLineLimits, "index line"));
  IndexLine line;
  DEPCACHE_ASSIGN_OR_RETURN(line.name, StringField(fields, "name"));
  DEPCACHE_ASSIGN_OR_RETURN(line.version, StringField(fields, "vers"));
  DEPCACHE_ASSIGN_OR_RETURN(line.checksum, StringField(fields, "cksum"));
  if (!IsPackageName(line.name) || !IsPackageVersion(line.version)) {
    return InvalidArgument("index line: no package and its version");
  }
  return line;
}

}  // namespace depcache
