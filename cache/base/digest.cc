#include "cache/base/digest.h"

#include <openssl/evp.h>

#include "cache/base/check.h"
#include "cache/base/hex.h"
#include "cache/base/status.h"

namespace depcache {

template <typename Tag>
absl::StatusOr<Sha256Id<Tag>> Sha256Id<Tag>::FromBytes(std::string_view raw) {
  if (raw.size() != kSize) return InvalidArgument("hash has {} bytes, want {}", raw.size(), kSize);
  std::array<std::uint8_t, kSize> bytes{};
  raw.copy(reinterpret_cast<char*>(bytes.data()), kSize);
  return Sha256Id(bytes);
}

template <typename Tag>
absl::StatusOr<Sha256Id<Tag>> Sha256Id<Tag>::FromHex(std::string_view hex) {
  if (hex.size() != 2 * kSize) {
    return InvalidArgument("hash has {} hex digits, want {}", hex.size(), 2 * kSize);
  }
  const std::optional<std::string> raw = depcache::FromHex(hex);
  if (!raw) return InvalidArgument("hash is not lower-case hex: '{}'", hex);
  return FromBytes(*raw);
}

template <typename Tag>
std::string Sha256Id<Tag>::ToHex() const {
  return depcache::ToHex(AsBytes());
}

template class Sha256Id<RecipeTag>;
template class Sha256Id<BlobTag>;
template class Sha256Id<UnitInputsTag>;
template class Sha256Id<UnitKeyTag>;
template class Sha256Id<BuildKeyTag>;
template class Sha256Id<OutputTag>;
template class Sha256Id<PartTag>;

struct Sha256Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { DEPCACHE_CHECK(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(std::string_view data) {
  DEPCACHE_CHECK(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1);
}

std::array<std::uint8_t, 32> Sha256Hasher::Finish() {
  std::array<std::uint8_t, 32> hash{};
  DEPCACHE_CHECK(EVP_DigestFinal_ex(state_->context, hash.data(), nullptr) == 1);
  return hash;
}

std::array<std::uint8_t, 32> Sha256(std::string_view data) {
  Sha256Hasher hasher;
  hasher.Update(data);
  return hasher.Finish();
}

Digest DigestOf(std::string_view data) { return Digest{HashAs<BlobHash>(data), data.size()}; }

}  // namespace depcache
