#include "client/remote/grpc_resolve.h"

#include "cache/base/status.h"
#include "cache/wire/convert.h"

namespace depcache::client {
namespace {

// At 36 bytes and 5 per edge, far below the limit of a message.
constexpr int kUnitsPerMessage = 4096;

class Call {
 public:
  using Stream = grpc::ClientReaderWriter<v1::ResolveUnitsRequest, v1::ResolveUnitsResponse>;

  Call(std::unique_ptr<Stream> stream, std::span<const UnitQuestion> units)
      : stream_(std::move(stream)), units_(units) {}

  absl::StatusOr<ResolveAnswer> Run(v1::ResolveUnitsRequest first, const PredicateValues& values) {
    absl::Status status = SendPlan(std::move(first));
    while (status.ok() && !answer_.has_ended) status = Next(values);
    if (!status.ok() && !is_broken_) {
      // Ours, not the stream's: nothing more is wanted of it.
      return status;
    }
    stream_->WritesDone();
    const grpc::Status end = stream_->Finish();
    if (!end.ok()) {
      return absl::Status(static_cast<absl::StatusCode>(end.error_code()), end.error_message());
    }
    if (!status.ok()) return Unavailable("the server ended before it had answered");
    return std::move(answer_.value);
  }

 private:
  struct Answer {
    ResolveAnswer value;
    bool has_ended = false;
  };

  absl::Status Broken() {
    is_broken_ = true;
    return Unavailable("the stream broke");
  }

  absl::Status SendPlan(v1::ResolveUnitsRequest request) {
    for (const UnitQuestion& unit : units_) {
      v1::PlannedUnit* out = request.add_units();
      if (unit.inputs) out->set_inputs(std::string(unit.inputs->AsBytes()));
      out->mutable_deps()->Add(unit.deps.begin(), unit.deps.end());
      if (request.units_size() < kUnitsPerMessage) continue;
      if (!stream_->Write(request)) return Broken();
      request.Clear();
    }
    request.set_plan_ends(true);
    return stream_->Write(request) ? absl::OkStatus() : Broken();
  }

  absl::Status Next(const PredicateValues& values) {
    v1::ResolveUnitsResponse response;
    if (!stream_->Read(&response)) return Broken();
    for (const v1::ResolvedUnit& unit : response.units()) {
      if (unit.position() >= units_.size()) {
        return Unavailable("the server named a unit that is not in the plan");
      }
      DEPCACHE_ASSIGN_OR_RETURN(const UnitRef ref, FromProto(unit.unit()));
      DEPCACHE_ASSIGN_OR_RETURN(const Digest record, FromProto(unit.record()));
      answer_.value.units.push_back(ResolvedUnit{unit.position(), ref, record});
    }
    if (response.ends()) {
      answer_.value.ticket = response.ticket();
      answer_.has_ended = true;
      return absl::OkStatus();
    }
    if (response.questions().empty()) return absl::OkStatus();
    return AnswerQuestions(response, values);
  }

  absl::Status AnswerQuestions(const v1::ResolveUnitsResponse& response,
                               const PredicateValues& values) {
    v1::ResolveUnitsRequest request;
    for (const v1::Predicate& question : response.questions()) {
      DEPCACHE_ASSIGN_OR_RETURN(const Predicate predicate, FromProto(question));
      const std::optional<PartDigest> value = values(predicate.kind, predicate.name);
      request.add_answers(value ? std::string(value->AsBytes()) : "");
    }
    return stream_->Write(request) ? absl::OkStatus() : Broken();
  }

  const std::unique_ptr<Stream> stream_;
  const std::span<const UnitQuestion> units_;
  Answer answer_;
  bool is_broken_ = false;
};

}  // namespace

absl::StatusOr<ResolveAnswer> Resolve(v1::LayerService::Stub& layers, v1::ResolveUnitsRequest first,
                                      grpc::ClientContext& context,
                                      std::span<const UnitQuestion> units,
                                      const PredicateValues& values) {
  return Call(layers.ResolveUnits(&context), units).Run(std::move(first), values);
}

}  // namespace depcache::client
