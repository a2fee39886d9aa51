// The bounded binary reader and writer under every stored or hashed format.
//
// Integers are little-endian and of fixed width; a string is a u32 length and
// its bytes. There is one way to write each value, so equal values have equal
// bytes and may be hashed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "cache/base/digest.h"

namespace depcache {

// Appends to a string it owns. Not thread-safe.
class Writer {
 public:
  void U8(std::uint8_t value) { bytes_ += static_cast<char>(value); }
  void U16(std::uint16_t value) { Integer(value); }
  void U32(std::uint32_t value) { Integer(value); }
  void U64(std::uint64_t value) { Integer(value); }
  void Bool(bool value) { U8(value ? 1 : 0); }
  // Aborts if `value` is 4 GiB or longer.
  void String(std::string_view value);
  // No length: both sides know the size.
  void Raw(std::string_view value) { bytes_ += value; }
  template <typename Tag>
  void Id(const Sha256Id<Tag>& id) {
    Raw(id.AsBytes());
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  template <typename T>
  void Integer(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_ += static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }

  std::string bytes_;
};

// Reads what Writer wrote. Not thread-safe. Borrows the bytes.
//
// The first error sticks: later reads return zero values, and Finish reports
// it. So a decoder reads straight through and checks once; only loops must
// check ok() or use Count, which never promises more items than bytes left.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t U8() { return Integer<std::uint8_t>(); }
  std::uint16_t U16() { return Integer<std::uint16_t>(); }
  std::uint32_t U32() { return Integer<std::uint32_t>(); }
  std::uint64_t U64() { return Integer<std::uint64_t>(); }
  // Any byte but 0 and 1 is an error.
  bool Bool();
  // Longer than `max_bytes` is an error. Borrows.
  std::string_view String(std::size_t max_bytes);
  std::string_view Raw(std::size_t size);
  // A u32 number of items of at least `min_item_bytes` (>= 1) each; an error
  // if above `max_items` or if so many cannot fit in what is left.
  std::uint32_t Count(std::uint32_t max_items, std::size_t min_item_bytes);
  template <typename Tag>
  Sha256Id<Tag> Id() {
    const std::string_view raw = Raw(Sha256Id<Tag>::kSize);
    if (!ok()) return {};
    return *Sha256Id<Tag>::FromBytes(raw);
  }

  // Makes the reader fail with `why`, unless it failed before.
  void Fail(std::string_view why);
  bool ok() const { return error_.empty(); }
  bool AtEnd() const { return rest_.empty(); }
  std::size_t bytes_left() const { return rest_.size(); }
  // Errors: INVALID_ARGUMENT (`what`: the first error, or bytes left over).
  absl::Status Finish(std::string_view what) const;

 private:
  template <typename T>
  T Integer() {
    const std::string_view raw = Raw(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(static_cast<std::uint8_t>(raw[i]))
                                                    << (8 * i)));
    }
    return value;
  }

  std::string_view rest_;
  std::string error_;
};

}  // namespace depcache
