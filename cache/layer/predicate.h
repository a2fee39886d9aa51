// What a build looked at beyond its key: environment variables that a build
// script or a crate declared to read, and files outside its package. A stored
// output may be used only where all of them have the same value.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/base/codec.h"
#include "cache/base/digest.h"

namespace depcache {

// Written to records: never renumber.
enum class PredicateKind : std::uint8_t {
  kEnv = 1,   // name: the variable
  kFile = 2,  // name: a path in rooted form; the value is its content
};

struct Predicate {
  PredicateKind kind = PredicateKind::kEnv;
  std::string name;
  // nullopt: the variable was not set, the file did not exist.
  std::optional<PartDigest> value;

  friend auto operator<=>(const Predicate&, const Predicate&) = default;
};

// Digest of a value, bound to the kind and name it belongs to; values with
// roots are in rooted form first. Never the bare hash of a secret's text.
PartDigest PredicateValue(PredicateKind kind, std::string_view name, std::string_view value);

// Sorted, without repetition.
std::vector<Predicate> Normalized(std::vector<Predicate> predicates);

void Encode(Writer& writer, const std::vector<Predicate>& predicates);
std::vector<Predicate> DecodePredicates(Reader& reader);

// Digest over a normalised list: names the variant of a layer.
PartDigest VariantOf(const std::vector<Predicate>& predicates);

}  // namespace depcache
