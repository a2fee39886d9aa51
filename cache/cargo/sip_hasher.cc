#include "cache/cargo/sip_hasher.h"

#include <bit>
#include <cstddef>

#include "cache/base/codec.h"
#include "cache/base/hex.h"

namespace depcache {

void SipHasher::State::Round() {
  v0 += v1;
  v2 += v3;
  v1 = std::rotl(v1, 13) ^ v0;
  v3 = std::rotl(v3, 16) ^ v2;
  v0 = std::rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = std::rotl(v1, 17) ^ v2;
  v3 = std::rotl(v3, 21) ^ v0;
  v2 = std::rotl(v2, 32);
}

void SipHasher::State::Absorb(std::uint64_t block) {
  v3 ^= block;
  Round();
  v0 ^= block;
}

void SipHasher::Bytes(std::string_view bytes) {
  for (const char c : bytes) U8(static_cast<std::uint8_t>(c));
}

void SipHasher::U8(std::uint8_t value) {
  const unsigned used = size_bytes_ % 8;
  tail_ |= static_cast<std::uint64_t>(value) << (8 * used);
  ++size_bytes_;
  if (used == 7) {
    state_.Absorb(tail_);
    tail_ = 0;
  }
}

void SipHasher::U64(std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) U8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void SipHasher::Isize(std::int64_t value) {
  if (value >= 0 && value < 0xFF) {
    U8(static_cast<std::uint8_t>(value));
  } else {
    U8(0xFF);
    U64(static_cast<std::uint64_t>(value));
  }
}

void SipHasher::Str(std::string_view value) {
  Bytes(value);
  U8(0xFF);
}

void SipHasher::Path(std::string_view path) {
  // Lengths go into one word, so that "a/bc" and "ab/c" differ.
  std::uint64_t lengths = 0;
  const auto component = [&](std::string_view name) {
    if (name.empty()) return;
    Bytes(name);
    lengths = std::rotr(lengths + name.size(), 2);
  };
  std::size_t start = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/') continue;
    if (i > start) component(path.substr(start, i - start));
    start = i + 1;
    // "." counts at the start of a path only.
    const std::string_view rest = path.substr(start);
    if (rest == "." || rest.starts_with("./")) ++start;
  }
  component(path.substr(start));
  Usize(lengths);
}

std::uint64_t SipHasher::Finish() const {
  State state = state_;
  state.Absorb(tail_ | (size_bytes_ & 0xFF) << 56);
  state.v2 ^= 0xee;
  for (int i = 0; i < 3; ++i) state.Round();
  const std::uint64_t low = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
  state.v1 ^= 0xdd;
  for (int i = 0; i < 3; ++i) state.Round();
  const std::uint64_t high = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
  return low * 3 + high;
}

std::uint64_t StrHash(std::string_view value) {
  SipHasher hasher;
  hasher.Str(value);
  return hasher.Finish();
}

std::uint64_t PathHash(std::string_view path) {
  SipHasher hasher;
  hasher.Path(path);
  return hasher.Finish();
}

std::string HashText(std::uint64_t hash) {
  Writer bytes;
  bytes.U64(hash);
  return ToHex(bytes.bytes());
}

}  // namespace depcache
