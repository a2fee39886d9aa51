#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/cargo/git_snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // Every entry was read as it stands; only their order may be another.
  if (const auto tree = ParseTree(input); tree.ok()) {
    DEPCACHE_CHECK(PrintTree(*tree).size() == input.size());
  }
  TreeOfCommit(input).status().IgnoreError();
  // The walk starts at whatever the first object is: magic, kind and size before it.
  static constexpr std::size_t kFirst = 9;
  if (size < kFirst) return 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < 4; ++i) first |= static_cast<std::size_t>(data[5 + i]) << (8 * i);
  const std::string commit = GitObjectId(GitKind::kCommit, input.substr(kFirst, first));
  const auto objects = DecodeSnapshot(input, commit);
  if (!objects.ok()) return 0;
  for (const GitObject& object : *objects) {
    DEPCACHE_CHECK(GitObjectId(object.kind, object.bytes) == object.id);
  }
  return 0;
}
