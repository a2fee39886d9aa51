#include "cache/cargo/root_scan.h"

#include <algorithm>

#include <string.h>

#include "cache/cargo/elf_debug.h"
#include "cache/cargo/path_boundary.h"

namespace depcache {
namespace {

constexpr std::size_t kMinRootBytes = 4;
// rustc ends each string of its metadata with this byte.
constexpr char kMetadataStringEnd = '\xC1';
// Paths are shorter than the first length which takes three bytes.
constexpr std::size_t kMaxMetadataString = 0x4000;

bool HasOneComponent(std::string_view root) { return root.find('/', 1) == std::string_view::npos; }

// True if `size` stands before `start` as rustc's metadata writes lengths.
bool IsLengthBefore(std::string_view file, std::size_t start, std::size_t size) {
  const auto byte = [&](std::size_t back) {
    return static_cast<unsigned char>(file[start - back]);
  };
  if (size < 0x80) return start >= 1 && byte(1) == size;
  return size < kMaxMetadataString && start >= 2 && byte(2) == (0x80 | (size & 0x7F)) &&
         byte(1) == size >> 7;
}

// True if a string of rustc's metadata starts at `pos`: it has its length
// before it, which may look like a letter, and an end of its own.
bool StartsMetadataString(std::string_view file, std::size_t pos) {
  const std::size_t size = file.substr(pos, kMaxMetadataString).find(kMetadataStringEnd);
  if (size == std::string_view::npos || !IsLengthBefore(file, pos, size)) return false;
  const std::size_t end = pos + size;
  // By chance the same may hold within a longer path, "…-0.3.31/src/lib.rs":
  // then that one's length stands before it.
  for (std::size_t start = pos - 1; start > 0; --start) {
    if (!IsNameByte(file[start]) && file[start] != '/') break;
    if (IsLengthBefore(file, start, end - start)) return false;
  }
  return true;
}

// Which of `ranges`, sorted, holds the byte at `pos`.
bool IsInside(const std::vector<ByteRange>& ranges, std::size_t pos) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), pos,
      [](std::size_t value, const ByteRange& range) { return value < range.begin; });
  return after != ranges.begin() && pos < std::prev(after)->end;
}

}  // namespace

RootScanner::RootScanner(const std::vector<std::string>& roots) {
  for (std::string root : roots) {
    while (root.ends_with('/')) root.pop_back();
    if (root.size() < kMinRootBytes || !root.starts_with('/')) continue;
    if (std::find(roots_.begin(), roots_.end(), root) != roots_.end()) continue;
    is_second_byte_[static_cast<unsigned char>(root[1])] = true;
    roots_.push_back(std::move(root));
  }
  std::stable_sort(roots_.begin(), roots_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

const std::string* RootScanner::RootAt(std::string_view file, std::size_t pos) const {
  for (const std::string& root : roots_) {
    if (!file.substr(pos).starts_with(root) || !EndsAtBoundary(file, pos, root.size())) continue;
    if (!HasOneComponent(root) || IsWholeLeadingPath(file, pos, root.size()) ||
        StartsMetadataString(file, pos)) {
      return &root;
    }
  }
  return nullptr;
}

std::optional<RootHit> RootScanner::Scan(std::string_view file) const {
  std::optional<std::vector<ByteRange>> debug;
  const char* const end = file.data() + file.size();
  const char* at = file.data();
  // All roots start with '/': one pass, at the speed of memchr, for all.
  while (at < end) {
    at = static_cast<const char*>(memchr(at, '/', static_cast<std::size_t>(end - at)));
    if (at == nullptr || at + 1 == end) break;
    if (is_second_byte_[static_cast<unsigned char>(at[1])]) {
      const auto pos = static_cast<std::size_t>(at - file.data());
      if (const std::string* root = RootAt(file, pos); root != nullptr) {
        if (!debug.has_value()) debug = DebugRanges(file);
        if (!IsInside(*debug, pos)) return RootHit{*root, pos};
      }
    }
    ++at;
  }
  return std::nullopt;
}

}  // namespace depcache
