#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// 32 bytes of SHA-256 which say, through Tag, what was hashed. A RecipeHash
// cannot be passed where a BlobHash is wanted: the mistake does not compile.
template <typename Tag>
class Sha256Id {
 public:
  static constexpr std::size_t kSize = 32;

  // All zero; no content hashes to it in practice.
  Sha256Id() = default;
  explicit Sha256Id(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // Errors: INVALID_ARGUMENT unless `raw` is exactly 32 bytes.
  static absl::StatusOr<Sha256Id> FromBytes(std::string_view raw);
  // Errors: INVALID_ARGUMENT unless `hex` is 64 lower-case hex digits.
  static absl::StatusOr<Sha256Id> FromHex(std::string_view hex);

  std::string ToHex() const;
  // The first 12 hex digits, for people.
  std::string ToShortHex() const { return ToHex().substr(0, 12); }
  // Borrows from this object.
  std::string_view AsBytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

  friend auto operator<=>(const Sha256Id&, const Sha256Id&) = default;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

using RecipeHash = Sha256Id<struct RecipeTag>;      // everything a dependency build depends on
using BlobHash = Sha256Id<struct BlobTag>;          // content of a blob or of a whole file
using UnitInputs = Sha256Id<struct UnitInputsTag>;  // what a unit's output depends on, but its dependencies
using UnitKey = Sha256Id<struct UnitKeyTag>;        // everything one unit's output depends on
using BuildKey = Sha256Id<struct BuildKeyTag>;      // the same before any output is known
using OutputDigest = Sha256Id<struct OutputTag>;    // everything one unit's output is
using PartDigest = Sha256Id<struct PartTag>;        // value of one recipe part or predicate

// Names a blob: its content hash and its length, never one without the other.
struct Digest {
  BlobHash hash;
  std::uint64_t size_bytes = 0;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// SHA-256 in pieces. Not thread-safe.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;

  void Update(std::string_view data);
  // The hash of all that was added. Once only.
  std::array<std::uint8_t, 32> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::array<std::uint8_t, 32> Sha256(std::string_view data);

template <typename Id>
Id HashAs(std::string_view data) {
  return Id(Sha256(data));
}

// Digest of `data`, in one pass.
Digest DigestOf(std::string_view data);

}  // namespace depcache

template <typename Tag>
struct std::hash<depcache::Sha256Id<Tag>> {
  // The id is already uniform: its first bytes are the hash.
  std::size_t operator()(const depcache::Sha256Id<Tag>& id) const noexcept {
    std::size_t h = 0;
    id.AsBytes().copy(reinterpret_cast<char*>(&h), sizeof h);
    return h;
  }
};
