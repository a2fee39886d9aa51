// Cargo's StableHasher: SipHash-1-3 with 128 bits of result and key 0, folded
// to 64 bits. All of Cargo's fingerprints, unit hashes and registry folder
// names are its results. From rustc-stable-hash 0.1.2.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace depcache {

// Hashes values as Rust's `Hash` hands them over. Not thread-safe.
class SipHasher {
 public:
  // Bytes as they are, without a length.
  void Bytes(std::string_view bytes);
  void U8(std::uint8_t value);
  void U64(std::uint64_t value);
  // Lengths and counts: 64 bits on every machine.
  void Usize(std::uint64_t value) { U64(value); }
  // What enum discriminants are written as: one byte below 0xFF.
  void Isize(std::int64_t value);
  void Bool(bool value) { U8(value ? 1 : 0); }
  void Str(std::string_view value);
  // std::path::Path on Unix: components without separators, "." left out, so
  // "/a/./b//c" and "/a/b/c" are equal.
  void Path(std::string_view path);

  // The hash of all that was added; more may be added after.
  std::uint64_t Finish() const;

 private:
  struct State {
    std::uint64_t v0 = 0x736f6d6570736575;
    std::uint64_t v1 = 0x646f72616e646f6d ^ 0xee;
    std::uint64_t v2 = 0x6c7967656e657261;
    std::uint64_t v3 = 0x7465646279746573;

    void Round();
    void Absorb(std::uint64_t block);
  };

  State state_;
  std::uint64_t tail_ = 0;  // bytes not yet absorbed, the first lowest
  std::uint64_t size_bytes_ = 0;
};

// The hash of one string alone, as Cargo hashes `rustc -vV`'s output.
std::uint64_t StrHash(std::string_view value);

// The hash of one path alone: a fingerprint's `path` field.
std::uint64_t PathHash(std::string_view path);

// 16 lower-case digits of the hash's little-endian bytes: how Cargo writes a
// hash into files and names.
std::string HashText(std::uint64_t hash);

}  // namespace depcache
