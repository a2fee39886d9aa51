#include "server/rpc/stored_parts.h"

#include "cache/recipe/secret_text.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxValueBytes = 3 << 20;  // of one message
constexpr std::string_view kVariable = "env.";
constexpr std::string_view kDigest = "sha256:";

bool MayShow(std::string_view name, std::string_view value) {
  if (value.starts_with(kDigest)) return true;
  if (name.starts_with(kVariable)) name.remove_prefix(kVariable.size());
  return !MayBeSecret(name, value);
}

}  // namespace

void FillStoredParts(LayerCache& cache, const std::vector<TracePart>& trace,
                     const std::function<bool(const TracePart&)>& wants_value,
                     google::protobuf::RepeatedPtrField<v1::StoredPart>* out) {
  std::size_t bytes = 0;
  for (const TracePart& part : trace) {
    v1::StoredPart* stored = out->Add();
    stored->set_name(part.name);
    stored->set_digest(std::string(part.digest.AsBytes()));
    stored->set_state(v1::PART_VALUE_LEFT_OUT);
    if (!wants_value(part) || bytes + part.value.size_bytes > kMaxValueBytes) continue;
    std::optional<std::string> value = cache.ReadValues({&part, 1})[0];
    if (!value) {
      stored->set_state(v1::PART_VALUE_LOST);
    } else if (!MayShow(part.name, *value)) {
      stored->set_state(v1::PART_VALUE_HIDDEN);
    } else {
      bytes += value->size();
      stored->set_state(v1::PART_VALUE_SHOWN);
      stored->set_value(*std::move(value));
    }
  }
}

}  // namespace depcache::server
