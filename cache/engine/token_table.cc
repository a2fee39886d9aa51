#include "cache/engine/token_table.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "cache/base/status.h"
#include "cache/base/toml_depth.h"
#include "cache/base/toml_library.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxTextBytes = 1 << 20;
constexpr std::size_t kMaxTokens = 10'000;
constexpr std::array<std::string_view, 7> kKeys = {"principal", "sha256", "instance", "read",
                                                   "write",     "admin",  "expires"};

absl::StatusOr<std::string> ReadText(const toml::table& entry, std::string_view key) {
  const toml::node* node = entry.get(key);
  if (node == nullptr) return std::string();
  const std::optional<std::string> text = node->value_exact<std::string>();
  if (!text) return InvalidArgument("{} is not a string", key);
  return *text;
}

absl::StatusOr<std::vector<std::string>> ReadScopes(const toml::table& entry,
                                                    std::string_view key) {
  std::vector<std::string> scopes;
  const toml::node* node = entry.get(key);
  if (node == nullptr) return scopes;
  const toml::array* array = node->as_array();
  if (array == nullptr) return InvalidArgument("{} is not a list of scopes", key);
  for (const toml::node& item : *array) {
    const std::optional<std::string> scope = item.value_exact<std::string>();
    if (!scope) return InvalidArgument("{} is not a list of scopes", key);
    std::string_view name = *scope;
    if (name.ends_with("/*")) name.remove_suffix(2);
    DEPCACHE_RETURN_IF_ERROR(Annotate(CheckScopeName(name), key));
    scopes.push_back(*scope);
  }
  return scopes;
}

absl::StatusOr<bool> ReadFlag(const toml::table& entry, std::string_view key) {
  const toml::node* node = entry.get(key);
  if (node == nullptr) return false;
  const std::optional<bool> flag = node->value_exact<bool>();
  if (!flag) return InvalidArgument("{} is not true or false", key);
  return *flag;
}

absl::StatusOr<std::optional<WallTime>> ReadExpiry(const toml::table& entry) {
  const toml::node* node = entry.get("expires");
  if (node == nullptr) return std::nullopt;
  toml::date date{};
  toml::time time{};
  if (const auto* day = node->as_date()) {
    date = day->get();
  } else if (const auto* moment = node->as_date_time(); moment && (!moment->get().offset ||
                                                                   moment->get().offset->minutes == 0)) {
    date = moment->get().date;
    time = moment->get().time;
  } else {
    return InvalidArgument("expires is not a date or a date-time in UTC");
  }
  const std::chrono::year_month_day day{std::chrono::year(date.year),
                                        std::chrono::month(date.month),
                                        std::chrono::day(date.day)};
  if (!day.ok()) return InvalidArgument("expires is not a date");
  // The clock counts nanoseconds: it ends in 2262, where people write 9999.
  const std::chrono::sys_seconds end =
      std::chrono::sys_days(day) + std::chrono::hours(time.hour) +
      std::chrono::minutes(time.minute) + std::chrono::seconds(time.second);
  if (end >= std::chrono::floor<std::chrono::seconds>(WallTime::max())) return WallTime::max();
  if (end <= std::chrono::ceil<std::chrono::seconds>(WallTime::min())) return WallTime::min();
  return WallTime(end);
}

absl::Status CheckKeys(const toml::table& entry) {
  for (const auto& [key, value] : entry) {
    if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end()) {
      return InvalidArgument("unknown key '{}'", key.str());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TokenTable> TokenTable::Parse(std::string_view toml) {
  if (toml.size() > kMaxTextBytes) return InvalidArgument("token file is larger than 1 MiB");
  if (std::count(toml.begin(), toml.end(), '[') > static_cast<std::ptrdiff_t>(8 * kMaxTokens)) {
    return InvalidArgument("token file has more than {} tokens", kMaxTokens);
  }
  if (TomlDepthBound(toml) > kMaxTomlDepth) {
    return InvalidArgument("token file nests more than {} deep", kMaxTomlDepth);
  }
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed) {
    return InvalidArgument("token file, line {}: {}", parsed.error().source().begin.line,
                           parsed.error().description());
  }
  const toml::array* list = parsed.table()["token"].as_array();
  if (list == nullptr || parsed.table().size() != 1) {
    return InvalidArgument("token file has something other than [[token]] entries");
  }
  if (list->size() > kMaxTokens) {
    return InvalidArgument("token file has more than {} tokens", kMaxTokens);
  }
  TokenTable table;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const toml::table* node = list->get(i)->as_table();
    if (node == nullptr) return InvalidArgument("token {} is not a table", i + 1);
    const auto read = [&]() -> absl::StatusOr<Entry> {
      DEPCACHE_RETURN_IF_ERROR(CheckKeys(*node));
      Entry entry;
      DEPCACHE_ASSIGN_OR_RETURN(entry.caller.principal, ReadText(*node, "principal"));
      if (entry.caller.principal.empty()) return InvalidArgument("principal is missing");
      DEPCACHE_ASSIGN_OR_RETURN(const std::string hash, ReadText(*node, "sha256"));
      DEPCACHE_ASSIGN_OR_RETURN(entry.hash, PartDigest::FromHex(hash));
      DEPCACHE_ASSIGN_OR_RETURN(entry.caller.instance, ReadText(*node, "instance"));
      DEPCACHE_ASSIGN_OR_RETURN(entry.caller.readable, ReadScopes(*node, "read"));
      DEPCACHE_ASSIGN_OR_RETURN(entry.caller.writable, ReadScopes(*node, "write"));
      DEPCACHE_ASSIGN_OR_RETURN(entry.caller.is_admin, ReadFlag(*node, "admin"));
      DEPCACHE_ASSIGN_OR_RETURN(entry.expires, ReadExpiry(*node));
      return entry;
    };
    absl::StatusOr<Entry> entry = read();
    if (!entry.ok()) return Annotate(entry.status(), fmt::format("token {}", i + 1));
    table.entries_.push_back(*std::move(entry));
  }
  if (table.entries_.empty()) return InvalidArgument("token file has no tokens");
  std::sort(table.entries_.begin(), table.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  const auto twice = std::adjacent_find(
      table.entries_.begin(), table.entries_.end(),
      [](const Entry& a, const Entry& b) { return a.hash == b.hash; });
  if (twice != table.entries_.end()) {
    return InvalidArgument("the token of {} occurs twice", twice->caller.principal);
  }
  return table;
}

absl::StatusOr<Caller> TokenTable::Authenticate(std::string_view token, WallTime now) const {
  // Comparing hashes tells nothing about the token's text, so the time this
  // takes need not be constant.
  const PartDigest hash = HashAs<PartDigest>(token);
  const auto entry =
      std::lower_bound(entries_.begin(), entries_.end(), hash,
                       [](const Entry& e, const PartDigest& h) { return e.hash < h; });
  if (entry == entries_.end() || entry->hash != hash ||
      (entry->expires && now >= *entry->expires)) {
    return Unauthenticated("the token is not valid here; ask whoever runs the server for one");
  }
  return entry->caller;
}

}  // namespace depcache
