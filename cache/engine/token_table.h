// The tokens a server accepts, from a TOML file which holds their hashes only:
//
//   [[token]]
//   principal = "ci"                # who the caller is
//   sha256 = "…64 hex digits…"      # of the token's text
//   instance = ""                   # optional
//   read = ["main", "release"]      # scopes, or beginnings: "pr/*"
//   write = ["main"]                # may be empty: a reader
//   admin = false                   # optional: may ask for figures and evict
//   expires = 2027-01-01            # optional, a date or date-time (UTC)
//
// Pure: text in, values out.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/clock.h"
#include "cache/base/digest.h"
#include "cache/engine/access_policy.h"

namespace depcache {

// Immutable after Parse; thread-safe.
class TokenTable {
 public:
  // Errors: INVALID_ARGUMENT naming entry and key; an unknown key, a hash that
  // occurs twice, or a file without tokens is an error. Limits: 1 MiB of text,
  // 10000 tokens.
  static absl::StatusOr<TokenTable> Parse(std::string_view toml);

  // The caller a token stands for at `now`.
  // Errors: UNAUTHENTICATED (unknown or expired; the message does not say
  // more than that).
  absl::StatusOr<Caller> Authenticate(std::string_view token, WallTime now) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    PartDigest hash;
    Caller caller;
    std::optional<WallTime> expires;
  };
  std::vector<Entry> entries_;  // by hash
};

}  // namespace depcache
