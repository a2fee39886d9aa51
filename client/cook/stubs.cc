#include "client/cook/stubs.h"

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/skeleton_files.h"
#include "cache/recipe/skeleton_json.h"
#include "client/command.h"

namespace depcache::client {
namespace {

absl::Status Write(const Context& context, const CargoFlags& flags) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string json,
                            ReadFile(context.cwd / flags.recipe_path, kMaxSkeletonBytes));
  DEPCACHE_ASSIGN_OR_RETURN(const Skeleton skeleton, ParseSkeleton(json));
  DEPCACHE_ASSIGN_OR_RETURN(
      const std::vector<SkeletonFile> files,
      SkeletonFiles(skeleton, flags.no_std ? StubStyle::kNoStd : StubStyle::kStd));
  for (const SkeletonFile& file : files) {
    const absl::StatusOr<std::string> old = ReadFile(context.cwd / file.path, kMaxSkeletonBytes);
    if (old.status().code() == absl::StatusCode::kNotFound) continue;
    if (!old.ok() || *old != file.text) {
      return FailedPrecondition("{} is there already; stubs are written into an empty folder only",
                                file.path);
    }
  }
  for (const SkeletonFile& file : files) {
    const std::filesystem::path path = context.cwd / file.path;
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(path.parent_path()));
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(path, file.text));
  }
  return absl::OkStatus();
}

}  // namespace

int WriteStubs(Context& context, const CargoFlags& flags) {
  const absl::Status status = Write(context, flags);
  if (status.ok()) return static_cast<int>(ExitCode::kOk);
  context.terminal.Error(MessageOf(status));
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace depcache::client
