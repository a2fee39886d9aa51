// A recipe.json from anywhere: whatever it holds, it is refused, or it can be
// written again, laid out as files and made a recipe of.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/recipe/make_recipe.h"
#include "cache/recipe/relative_path.h"
#include "cache/recipe/skeleton_files.h"
#include "cache/recipe/skeleton_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const absl::StatusOr<Skeleton> skeleton =
      ParseSkeleton({reinterpret_cast<const char*>(data), size});
  if (!skeleton.ok()) return 0;
  const absl::StatusOr<Skeleton> again = ParseSkeleton(SkeletonToJson(*skeleton));
  DEPCACHE_CHECK(again.ok() && *again == *skeleton);

  const auto files = SkeletonFiles(*skeleton, StubStyle::kNoStd);
  DEPCACHE_CHECK(files.ok());
  for (const SkeletonFile& file : *files) DEPCACHE_CHECK(IsSafeRelativePath(file.path));

  CookSelection selection;
  selection.tests = true;
  selection.packages = {"a*"};
  CookEnvironment environment;
  environment.rustc_version =
      "rustc 1\ncommit-hash: 1\nhost: x86_64-unknown-linux-gnu\nrelease: 1\n";
  environment.host_facts = {{"cpu", "1"}};
  const absl::StatusOr<Recipe> recipe = MakeRecipe(*skeleton, selection, environment);
  if (recipe.ok()) DEPCACHE_CHECK(DecodeRecipe(Encode(*recipe)).ok());
  return 0;
}
