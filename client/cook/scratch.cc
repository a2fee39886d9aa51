#include "client/cook/scratch.h"

#include <system_error>
#include <utility>

#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/skeleton_files.h"
#include "cache/recipe/toml_text.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

absl::Status CheckFolders(const TomlTable& config, const fs::path& cwd) {
  for (const std::string& folder : NeededFolders(config)) {
    std::error_code error;
    if (fs::is_directory(cwd / folder, error)) continue;
    return FailedPrecondition(
        "cargo's configuration in this recipe reads the folder '{}', which is not in {}; copy it "
        "there from the workspace",
        folder, cwd.native());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scratch> WriteScratch(Skeleton skeleton, const fs::path& cwd) {
  DEPCACHE_ASSIGN_OR_RETURN(TomlTable config, ParseToml(skeleton.config));
  DEPCACHE_RETURN_IF_ERROR(CheckFolders(config, cwd));
  skeleton.config = PrintToml(WithFoldersBelow(std::move(config), cwd.native()));
  DEPCACHE_ASSIGN_OR_RETURN(ScopedTempDir folder, ScopedTempDir::Make(cwd, ".depcache-cook-"));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<SkeletonFile> files,
                            SkeletonFiles(skeleton, StubStyle::kStd));
  for (SkeletonFile& file : files) {
    // A package that is no workspace: Cargo would look for one above.
    if (file.path == "Cargo.toml" && file.text.find("[workspace") == std::string::npos) {
      file.text += "\n[workspace]\n";
    }
    const fs::path path = folder.path() / file.path;
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(path.parent_path()));
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(path, file.text));
  }
  return Scratch{std::move(folder), std::move(skeleton.config)};
}

}  // namespace depcache::client
