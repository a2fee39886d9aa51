#include "cache/store/catalog.h"

#include "cache/base/codec.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

absl::Status CheckText(std::string_view what, std::string_view text) {
  if (text.size() <= kMaxNameBytes) return absl::OkStatus();
  return InvalidArgument("{} of {} bytes is above the limit of {}", what, text.size(),
                         kMaxNameBytes);
}

absl::Status CheckCount(std::string_view what, std::size_t count, std::size_t limit) {
  if (count <= limit) return absl::OkStatus();
  return InvalidArgument("{} {} are above the limit of {}", count, what, limit);
}

absl::Status CheckPredicates(const std::vector<Predicate>& predicates) {
  DEPCACHE_RETURN_IF_ERROR(CheckCount("predicates", predicates.size(), kMaxPredicates));
  for (const Predicate& predicate : predicates) {
    DEPCACHE_RETURN_IF_ERROR(CheckText("the name of a predicate", predicate.name));
  }
  if (Normalized(predicates) != predicates) return InvalidArgument("predicates are not normalised");
  return absl::OkStatus();
}

absl::Status CheckLayer(const LayerRecord& layer) {
  DEPCACHE_RETURN_IF_ERROR(CheckPredicates(layer.predicates));
  DEPCACHE_RETURN_IF_ERROR(CheckCount("index blobs", layer.index.size(), kMaxIndexBlobs));
  DEPCACHE_RETURN_IF_ERROR(CheckCount("trace parts", layer.trace.size(), kMaxTraceParts));
  for (const TracePart& part : layer.trace) {
    DEPCACHE_RETURN_IF_ERROR(CheckText("the name of a trace part", part.name));
  }
  return CheckText("a principal", layer.principal);
}

}  // namespace

ScopeKey ScopeKeyOf(std::string_view instance, std::string_view scope) {
  Writer writer;
  writer.Raw("depcache.scope.v1\n");
  writer.String(instance);
  writer.String(scope);
  const std::array<std::uint8_t, 32> hash = Sha256(writer.bytes());
  ScopeKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<char>(hash[i]);
  return key;
}

absl::Status CheckLimits(const CommitBatch& batch) {
  for (const UnitEntry& unit : batch.units) {
    DEPCACHE_RETURN_IF_ERROR(CheckPredicates(unit.predicates));
    DEPCACHE_RETURN_IF_ERROR(CheckText("a principal", unit.principal));
  }
  return batch.layer ? CheckLayer(*batch.layer) : absl::OkStatus();
}

absl::Status CheckLimits(const ReportedUnit& reported) {
  DEPCACHE_RETURN_IF_ERROR(CheckCount("reports", reported.reports.size(), kMaxUnitReports));
  for (const UnitReport& report : reported.reports) {
    DEPCACHE_RETURN_IF_ERROR(CheckText("a principal", report.principal));
    DEPCACHE_RETURN_IF_ERROR(CheckText("the text of a report", report.text));
  }
  return absl::OkStatus();
}

}  // namespace depcache
