#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/skeleton_json.h"
#include "client/commands/commands.h"
#include "client/cook/cook_input.h"

namespace depcache::client {
namespace {

class PrepareCommand final : public Command {
 public:
  std::string_view name() const override { return "prepare"; }
  std::string_view summary() const override {
    return "Write recipe.json: what of this workspace its dependencies depend on";
  }
  std::string_view epilogue() const override {
    return "The file stays the same, byte by byte, while only sources, versions or descriptions\n"
           "of members change. Needs no network.\n\n"
           "Example: depcache-client prepare --recipe-path recipe.json --bin server\n";
  }
  std::vector<Option> options() override {
    return {
        {"--recipe-path", &recipe_path_, "Where to write it; default recipe.json"},
        {"--bin", &bins_, "Only what this binary (or member) needs; may be repeated"},
        {"-p,--package", &packages_, "Only what this member needs; may be repeated"},
        {"--manifest-path", &manifest_path_, "Path of a Cargo.toml of the workspace"},
        {"--narrow-in-place", &narrow_in_place_,
         "Write no recipe: rewrite Cargo.toml and Cargo.lock of this copy of the workspace, so "
         "that they hold only what --bin and --package need"},
    };
  }

  int Run(Context& context) override {
    const absl::Status status = Write(context);
    if (status.ok()) return static_cast<int>(ExitCode::kOk);
    context.terminal.Error(MessageOf(status));
    return static_cast<int>(ExitCode::kUsage);
  }

 private:
  absl::Status Write(Context& context) {
    Narrowing narrowing;
    narrowing.bins.insert(bins_.begin(), bins_.end());
    narrowing.packages.insert(packages_.begin(), packages_.end());
    if (narrow_in_place_) return NarrowInPlace(context, manifest_path_, narrowing);
    DEPCACHE_ASSIGN_OR_RETURN(const Skeleton skeleton,
                              LoadSkeleton(context, manifest_path_, narrowing));
    const std::filesystem::path path = context.cwd / recipe_path_;
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(path, SkeletonToJson(skeleton)));
    context.terminal.Say(
        fmt::format("wrote {}: {} manifests", recipe_path_, skeleton.manifests.size()));
    return absl::OkStatus();
  }

  std::string recipe_path_ = "recipe.json";
  std::vector<std::string> bins_;
  std::vector<std::string> packages_;
  std::string manifest_path_;
  bool narrow_in_place_ = false;
};

}  // namespace

std::unique_ptr<Command> MakePrepareCommand() { return std::make_unique<PrepareCommand>(); }

}  // namespace depcache::client
