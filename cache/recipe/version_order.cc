#include "cache/recipe/version_order.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace depcache {
namespace {

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int CompareTexts(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::string_view WithoutLeadingZeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

int CompareIdentifiers(std::string_view a, std::string_view b) {
  if (IsNumber(a) && IsNumber(b)) {
    const std::string_view x = WithoutLeadingZeros(a);
    const std::string_view y = WithoutLeadingZeros(b);
    if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    if (x != y) return CompareTexts(x, y);
    return CompareTexts(a, b);
  }
  // Numbers come before words.
  if (IsNumber(a) != IsNumber(b)) return IsNumber(a) ? -1 : 1;
  return CompareTexts(a, b);
}

std::pair<std::string_view, std::string_view> Cut(std::string_view text, char at) {
  const std::size_t pos = text.find(at);
  if (pos == std::string_view::npos) return {text, {}};
  return {text.substr(0, pos), text.substr(pos + 1)};
}

// Identifiers separated by dots; of equal beginnings the shorter comes first.
int CompareDotted(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto [first_a, rest_a] = Cut(a, '.');
    const auto [first_b, rest_b] = Cut(b, '.');
    if (const int order = CompareIdentifiers(first_a, first_b); order != 0) return order;
    a = rest_a;
    b = rest_b;
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

}  // namespace

int CompareVersions(std::string_view a, std::string_view b) {
  const auto [version_a, build_a] = Cut(a, '+');
  const auto [version_b, build_b] = Cut(b, '+');
  const auto [core_a, pre_a] = Cut(version_a, '-');
  const auto [core_b, pre_b] = Cut(version_b, '-');
  if (const int order = CompareDotted(core_a, core_b); order != 0) return order;
  // A pre-release comes before its release.
  if (pre_a.empty() != pre_b.empty()) return pre_a.empty() ? 1 : -1;
  if (const int order = CompareDotted(pre_a, pre_b); order != 0) return order;
  return CompareDotted(build_a, build_b);
}

}  // namespace depcache
