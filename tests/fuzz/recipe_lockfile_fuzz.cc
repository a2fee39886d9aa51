// A Cargo.lock from anywhere: what is accepted prints to a text that reads as
// the same lock, whole, pruned and masked.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "cache/base/check.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/lockfile_prune.h"

namespace {

void CheckPrints(const depcache::Lockfile& lock) {
  const std::string text = depcache::PrintLockfile(lock);
  const absl::StatusOr<depcache::Lockfile> again = depcache::ParseLockfile(text);
  DEPCACHE_CHECK(again.ok() && *again == lock);
  DEPCACHE_CHECK(depcache::LockLines(lock).size() == lock.packages.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const absl::StatusOr<Lockfile> lock = ParseLockfile({reinterpret_cast<const char*>(data), size});
  if (!lock.ok()) return 0;
  CheckPrints(*lock);
  for (const LockedPackage& package : lock->packages) {
    const absl::StatusOr<Lockfile> pruned = PruneLockfile(*lock, {package.name});
    DEPCACHE_CHECK(pruned.ok() || !package.IsLocal());
    if (!pruned.ok()) continue;
    CheckPrints(*pruned);
    Lockfile masked = *pruned;
    MaskLocalVersions(masked, "0.0.1", RepeatedLocalNames(masked));
    CheckPrints(masked);
    break;
  }
  return 0;
}
