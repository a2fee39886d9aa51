#include "cache/base/codec.h"

#include <limits>

#include "cache/base/check.h"
#include "cache/base/status.h"

namespace depcache {

void Writer::String(std::string_view value) {
  DEPCACHE_CHECK(value.size() < std::numeric_limits<std::uint32_t>::max());
  U32(static_cast<std::uint32_t>(value.size()));
  Raw(value);
}

bool Reader::Bool() {
  const std::uint8_t value = U8();
  if (value > 1) Fail("a flag is neither 0 nor 1");
  return value == 1;
}

std::string_view Reader::String(std::size_t max_bytes) {
  const std::uint32_t size = U32();
  if (size > max_bytes) {
    Fail(fmt::format("a string of {} bytes is above the limit of {}", size, max_bytes));
    return {};
  }
  return Raw(size);
}

std::string_view Reader::Raw(std::size_t size) {
  if (!ok()) return {};
  if (size > rest_.size()) {
    Fail(fmt::format("{} bytes are missing at the end", size - rest_.size()));
    return {};
  }
  const std::string_view raw = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return raw;
}

std::uint32_t Reader::Count(std::uint32_t max_items, std::size_t min_item_bytes) {
  const std::uint32_t count = U32();
  if (!ok()) return 0;
  if (count > max_items || count > rest_.size() / min_item_bytes) {
    Fail(fmt::format("a list of {} items is too long", count));
    return 0;
  }
  return count;
}

void Reader::Fail(std::string_view why) {
  if (!error_.empty()) return;
  error_ = why;
  rest_ = {};
}

absl::Status Reader::Finish(std::string_view what) const {
  if (!ok()) return InvalidArgument("{}: {}", what, error_);
  if (!AtEnd()) return InvalidArgument("{}: {} bytes too many", what, rest_.size());
  return absl::OkStatus();
}

}  // namespace depcache
