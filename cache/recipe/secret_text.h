// What of the values we meet may be shown. Recipes are sent to the server, kept
// there and printed by explain, and recipe.json stays in image layers: neither
// may hold a secret in clear.

#pragma once

#include <string>
#include <string_view>

#include "cache/base/text.h"

namespace depcache {

// Whether a variable or setting should be taken for a secret: its name speaks
// of a token, a password, a key or the like, or its value is a URL with a
// user's name before '@', or carries a prefix that token issuers use. A guess
// on the side of caution: it decides only whether a value is shown, never
// whether it counts.
bool MayBeSecret(std::string_view name, std::string_view value);

// "sha256:<64 hex>" over name and value: says that two values of one name are
// equal, but not that two names share a value.
std::string ValueDigest(std::string_view name, std::string_view value);

// `url` without user name and password.
std::string WithoutUserInfo(std::string_view url);

}  // namespace depcache
