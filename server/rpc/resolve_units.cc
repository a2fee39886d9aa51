#include "server/rpc/resolve_units.h"

#include <utility>
#include <vector>

#include "cache/base/status.h"
#include "cache/engine/unit_resolver.h"
#include "cache/wire/convert.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxPlanUnits = 100'000;
constexpr std::size_t kMaxPlanDeps = 2'000'000;
constexpr std::size_t kMaxQuestions = 20'000;
// Some 150 bytes each: far below the limit of a message.
constexpr int kUnitsPerMessage = 10'000;

absl::StatusOr<PlanUnit> FromProto(const v1::PlannedUnit& unit) {
  PlanUnit planned;
  if (!unit.inputs().empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(planned.inputs, UnitInputs::FromBytes(unit.inputs()));
  }
  planned.deps.assign(unit.deps().begin(), unit.deps().end());
  return planned;
}

absl::Status CallerLeft() { return absl::CancelledError("the caller left"); }

class Call {
 public:
  Call(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
       ResolveStream& stream)
      : parts_(parts), context_(context), log_(log), stream_(stream) {}

  absl::Status Run() {
    if (!stream_.Read(&request_)) return CallerLeft();
    DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts_, context_, request_.scope()));
    log_.set_scope(scope);
    DEPCACHE_ASSIGN_OR_RETURN(std::vector<PlanUnit> plan, ReadPlan());
    const std::size_t planned = plan.size();
    DEPCACHE_ASSIGN_OR_RETURN(UnitResolver resolver,
                              UnitResolver::Make(parts_.cache, scope, std::move(plan)));
    while (true) {
      DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Predicate> questions, resolver.Advance());
      if (questions.empty()) break;
      DEPCACHE_ASSIGN_OR_RETURN(const auto values, Ask(questions));
      DEPCACHE_RETURN_IF_ERROR(resolver.Answer(values));
    }
    const std::vector<ResolvedUnit> resolved = resolver.Resolved();
    log_.set_subject(fmt::format("{}/{}", resolved.size(), planned));
    return Send(resolved, resolver.GiveTicket());
  }

 private:
  absl::StatusOr<std::vector<PlanUnit>> ReadPlan() {
    std::vector<PlanUnit> plan;
    std::size_t deps = 0;
    while (true) {
      for (const v1::PlannedUnit& unit : request_.units()) {
        deps += static_cast<std::size_t>(unit.deps_size());
        if (plan.size() == kMaxPlanUnits || deps > kMaxPlanDeps) {
          return InvalidArgument("a plan of more than {} units or {} edges", kMaxPlanUnits,
                                 kMaxPlanDeps);
        }
        DEPCACHE_ASSIGN_OR_RETURN(PlanUnit planned, FromProto(unit));
        plan.push_back(std::move(planned));
      }
      if (request_.plan_ends()) return plan;
      if (!stream_.Read(&request_)) return CallerLeft();
    }
  }

  absl::StatusOr<std::vector<std::optional<PartDigest>>> Ask(
      const std::vector<Predicate>& questions) {
    if (questions.size() > kMaxQuestions) {
      return ResourceExhausted("units of this plan declared more than {} inputs", kMaxQuestions);
    }
    v1::ResolveUnitsResponse response;
    for (const Predicate& question : questions) ToProto(question, response.add_questions());
    if (!stream_.Write(response) || !stream_.Read(&request_)) return CallerLeft();
    std::vector<std::optional<PartDigest>> values;
    for (const std::string& answer : request_.answers()) {
      values.emplace_back();
      if (answer.empty()) continue;
      DEPCACHE_ASSIGN_OR_RETURN(values.back(), PartDigest::FromBytes(answer));
    }
    return values;
  }

  absl::Status Send(const std::vector<ResolvedUnit>& resolved, const std::string& ticket) {
    v1::ResolveUnitsResponse response;
    for (const ResolvedUnit& unit : resolved) {
      v1::ResolvedUnit* out = response.add_units();
      out->set_position(unit.position);
      ToProto(unit.ref, out->mutable_unit());
      ToProto(unit.record, out->mutable_record());
      if (response.units_size() < kUnitsPerMessage) continue;
      if (!stream_.Write(response)) return CallerLeft();
      response.Clear();
    }
    response.set_ticket(ticket);
    response.set_ends(true);
    return stream_.Write(response) ? absl::OkStatus() : CallerLeft();
  }

  const RpcParts& parts_;
  const grpc::ServerContext& context_;
  CallLog& log_;
  ResolveStream& stream_;
  v1::ResolveUnitsRequest request_;
};

}  // namespace

absl::Status ResolveUnits(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                          ResolveStream& stream) {
  return Call(parts, context, log, stream).Run();
}

}  // namespace depcache::server
