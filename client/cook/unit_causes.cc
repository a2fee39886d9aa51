#include "client/cook/unit_causes.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/target_layout.h"

namespace depcache::client {
namespace {

constexpr std::size_t kMaxPackagesInText = 3;

// Parts that are in every unit's key.
constexpr std::string_view kCommonParts[] = {"rustc",     "rustc.digest",    "rustc.wrapper", "cargo",
                                             "rustflags", "config.unstable", "selection.unstable"};
// Parts that may give a unit another hash of Cargo's.
constexpr std::string_view kHashParts[] = {"command",        "config.profile", "config.host",
                                           "profile",        "profile.settings", "resolver",
                                           "targets",        "config.target-applies-to-host"};
constexpr std::string_view kProfileVariables = "env.CARGO_PROFILE_";

// What is told apart; the rest of a cause is gathered.
using Own = std::pair<CauseKind, std::string>;

std::string PackageText(const PackageId& package) {
  return package.name + " " + package.version;
}

std::optional<std::string> ValueText(const std::optional<PartDigest>& digest) {
  if (!digest) return std::nullopt;
  return "sha256:" + digest->ToHex();
}

std::string FeaturesText(const std::vector<std::string>& features) {
  return fmt::format("{}", fmt::join(features, ","));
}

// Cargo's own text is a list in Rust's form: ["a", "b"].
std::string FeaturesOf(const UnitRecord& record) {
  const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(record.fingerprint);
  if (!fingerprint.ok()) return "";
  std::string text;
  for (const char c : fingerprint->features) {
    if (c != '[' && c != ']' && c != '"' && c != ' ') text += c;
  }
  return text;
}

class Explainer {
 public:
  explicit Explainer(const CauseInput& input) : input_(input), own_(input.plan.units.size()) {
    for (const UnitRecord& record : input.records) {
      by_place_[LayoutOf(record.layout).HashFile(record.place)] = &record;
    }
    for (const std::string& part : input.changed_parts) {
      if (Has(kCommonParts, part)) common_.push_back(part);
      if (Has(kHashParts, part) || part.starts_with(kProfileVariables)) hash_.push_back(part);
    }
  }

  std::vector<UnitCause> Explain() {
    for (std::size_t i = 0; i < own_.size(); ++i) {
      if (!input_.is_missing[i]) continue;
      own_[i] = Below(i);
      if (!own_[i]) own_[i] = OwnOf(input_.plan.units[i]);
      ++causes_[*own_[i]].units;
    }
    GatherUnknown();
    std::vector<UnitCause> causes;
    for (auto& [own, cause] : causes_) {
      cause.kind = own.first;
      cause.input = own.second;
      causes.push_back(std::move(cause));
    }
    std::stable_sort(causes.begin(), causes.end(),
                     [](const UnitCause& a, const UnitCause& b) { return a.units > b.units; });
    return causes;
  }

 private:
  template <std::size_t N>
  static bool Has(const std::string_view (&names)[N], std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  }

  // Of the first unit it stands on that is missing.
  std::optional<Own> Below(std::size_t unit) const {
    for (const GraphDep& dep : input_.plan.units[unit].deps) {
      if (own_[dep.unit]) return own_[dep.unit];
    }
    return std::nullopt;
  }

  // Of a package whose features or version changed, Cargo may also give a unit
  // for the host another hash: it was one with the target's before.
  void GatherUnknown() {
    for (auto it = causes_.begin(); it != causes_.end();) {
      auto known = causes_.end();
      if (it->first.first == CauseKind::kUnknown) {
        known = causes_.find({CauseKind::kFeatures, it->first.second});
        if (known == causes_.end()) known = causes_.find({CauseKind::kVersion, it->first.second});
      }
      if (known == causes_.end()) {
        ++it;
        continue;
      }
      known->second.units += it->second.units;
      it = causes_.erase(it);
    }
  }

  Own OwnOf(const PlannedUnit& unit) {
    const std::string package = unit.package.name + " " + unit.package.version;
    if (!common_.empty()) return Take({CauseKind::kPart, common_[0]}, package, {}, {});
    const auto same = by_place_.find(LayoutOf(input_.plan.layout).HashFile(unit.place));
    if (same != by_place_.end()) return OfPredicates(*same->second, package);
    const UnitRecord* like = FindLike(unit);
    if (like == nullptr) return Take({CauseKind::kNew, unit.package.name}, package, {}, {});
    if (like->package.version != unit.package.version) {
      return Take({CauseKind::kVersion, unit.package.name}, package, like->package.version,
                  unit.package.version);
    }
    const std::string theirs = FeaturesOf(*like);
    const std::string ours = FeaturesText(unit.features);
    if (theirs != ours && unit.mode != UnitMode::kRunScript) {
      return Take({CauseKind::kFeatures, unit.package.name}, package, theirs, ours);
    }
    if (!hash_.empty()) {
      return Take({CauseKind::kPart, fmt::format("{}", fmt::join(hash_, ", "))}, package, {}, {});
    }
    return Take({CauseKind::kUnknown, unit.package.name}, package, {}, {});
  }

  Own OfPredicates(const UnitRecord& record, const std::string& package) {
    for (const Predicate& predicate : record.predicates) {
      const std::optional<PartDigest> here = input_.value_here(predicate);
      if (here == predicate.value) continue;
      const CauseKind kind =
          predicate.kind == PredicateKind::kEnv ? CauseKind::kVariable : CauseKind::kFile;
      return Take({kind, predicate.name}, package, ValueText(predicate.value), ValueText(here));
    }
    return Take({CauseKind::kUnknown, record.package.name}, package, {}, {});
  }

  // The same crate in another version, with other features or settings.
  const UnitRecord* FindLike(const PlannedUnit& unit) const {
    const UnitRecord* like = nullptr;
    for (const UnitRecord& record : input_.records) {
      if (record.package.name != unit.package.name || record.place.kind != unit.place.kind ||
          record.place.crate_name != unit.place.crate_name) {
        continue;
      }
      if (like == nullptr || record.package.version == unit.package.version) like = &record;
    }
    return like;
  }

  Own Take(Own own, const std::string& package, std::optional<std::string> theirs,
           std::optional<std::string> ours) {
    UnitCause& cause = causes_[own];
    cause.packages.insert(package);
    cause.theirs = std::move(theirs);
    cause.ours = std::move(ours);
    return own;
  }

  const CauseInput& input_;
  std::vector<std::optional<Own>> own_;  // of the missing ones
  std::map<std::string, const UnitRecord*> by_place_;
  std::vector<std::string> common_;
  std::vector<std::string> hash_;
  std::map<Own, UnitCause> causes_;
};

std::string WhyText(const UnitCause& cause) {
  const auto value = [&](const std::optional<std::string>& text) {
    const bool is_file = cause.kind == CauseKind::kFile;
    return text ? text->substr(0, 19) : is_file ? "not there" : "not set";
  };
  switch (cause.kind) {
    case CauseKind::kVariable:
    case CauseKind::kFile:
      if (!cause.theirs && !cause.ours) return fmt::format("saw another {}", cause.input);
      return fmt::format("saw {} (theirs {}, ours {})", cause.input, value(cause.theirs),
                         value(cause.ours));
    case CauseKind::kVersion:
      return fmt::format("is another version (theirs {})", cause.theirs.value_or("not known"));
    case CauseKind::kFeatures:
      return fmt::format("has other features (theirs [{}], ours [{}])", cause.theirs.value_or(""),
                         cause.ours.value_or(""));
    case CauseKind::kPart:
      return fmt::format("differs by {}", cause.input);
    case CauseKind::kNew:
      return "is not in that layer";
    case CauseKind::kUnknown:
      return "has another hash; which input made it is not known";
  }
  return "";
}

}  // namespace

std::string_view NameOf(CauseKind kind) {
  switch (kind) {
    case CauseKind::kVariable:
      return "variable";
    case CauseKind::kFile:
      return "file";
    case CauseKind::kVersion:
      return "version";
    case CauseKind::kFeatures:
      return "features";
    case CauseKind::kPart:
      return "part";
    case CauseKind::kNew:
      return "new";
    case CauseKind::kUnknown:
      return "unknown";
  }
  return "";
}

std::vector<UnitCause> CausesOf(const CauseInput& input) { return Explainer(input).Explain(); }

std::vector<UnitCause> CausesOf(const std::vector<UnitRecord>& records,
                                const PredicateValueHere& value_here) {
  std::map<std::pair<PredicateKind, std::string>, UnitCause> causes;
  for (const UnitRecord& record : records) {
    for (const Predicate& predicate : record.predicates) {
      const std::optional<PartDigest> here = value_here(predicate);
      if (here == predicate.value) continue;
      UnitCause& cause = causes[{predicate.kind, predicate.name}];
      cause.kind =
          predicate.kind == PredicateKind::kEnv ? CauseKind::kVariable : CauseKind::kFile;
      cause.input = predicate.name;
      cause.theirs = ValueText(predicate.value);
      cause.ours = ValueText(here);
      cause.packages.insert(PackageText(record.package));
    }
  }
  std::vector<UnitCause> list;
  for (auto& [name, cause] : causes) list.push_back(std::move(cause));
  return list;
}

std::string ToText(const UnitCause& cause) {
  std::vector<std::string> shown(cause.packages.begin(), cause.packages.end());
  std::string packages = "a package";
  if (shown.size() > kMaxPackagesInText) {
    packages = fmt::format("{} and {} more", shown[0], shown.size() - 1);
  } else if (!shown.empty()) {
    packages = fmt::format("{}", fmt::join(shown, ", "));
  }
  if (cause.units == 0) return fmt::format("{} {}", packages, WhyText(cause));
  return fmt::format("{} {} because {} {}", cause.units, cause.units == 1 ? "unit misses" : "units miss",
                     packages, WhyText(cause));
}

}  // namespace depcache::client
