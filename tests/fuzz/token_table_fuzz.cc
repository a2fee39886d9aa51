#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/engine/token_table.h"

// Whatever the file says, nobody is let in by a token that is not in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<TokenTable> table = TokenTable::Parse(input);
  if (!table.ok()) return 0;
  DEPCACHE_CHECK(table->size() > 0);
  DEPCACHE_CHECK(!table->Authenticate("not in any corpus", WallTime()).ok());
  const absl::StatusOr<Caller> caller = table->Authenticate("secret", WallTime());
  DEPCACHE_CHECK(!caller.ok() || !caller->principal.empty());
  return 0;
}
