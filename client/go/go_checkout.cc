#include "client/go/go_checkout.h"

#include <set>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/go/go_mod.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 64 << 20;

// "" if there is no such file.
absl::StatusOr<std::string> ReadIfThere(const fs::path& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxFileBytes);
  if (text.status().code() == absl::StatusCode::kNotFound) return std::string();
  return text;
}

absl::StatusOr<GoMod> Parse(const fs::path& path, std::string_view text) {
  absl::StatusOr<GoMod> mod = ParseGoMod(text);
  if (!mod.ok()) return Annotate(mod.status(), path.native());
  return mod;
}

class CheckoutReader {
 public:
  CheckoutReader(Context& context, const GoSetup& setup, fs::path root)
      : context_(context), setup_(setup), root_(std::move(root)) {}

  absl::StatusOr<GoSkeleton> Read() {
    DEPCACHE_RETURN_IF_ERROR(ReadModules());
    const std::string& mode = setup_.environment.flags.mod;
    // As Go: a vendor folder is used unless something else is asked for.
    if (setup_.work_file.empty() && (mode.empty() || mode == "vendor")) {
      DEPCACHE_ASSIGN_OR_RETURN(skeleton_.vendor, ReadIfThere(root_ / "vendor" / "modules.txt"));
    }
    DEPCACHE_RETURN_IF_ERROR(ListImports());
    return NormalizeGoSkeleton(std::move(skeleton_));
  }

 private:
  absl::Status ReadModules() {
    if (setup_.work_file.empty()) return AddModule(root_, /*is_main=*/true);
    DEPCACHE_ASSIGN_OR_RETURN(skeleton_.work, ReadFile(setup_.work_file, kMaxFileBytes));
    DEPCACHE_ASSIGN_OR_RETURN(skeleton_.work_sum, ReadIfThere(root_ / "go.work.sum"));
    DEPCACHE_ASSIGN_OR_RETURN(const GoMod work, Parse(setup_.work_file, skeleton_.work));
    for (const std::string& use : work.uses) {
      DEPCACHE_RETURN_IF_ERROR(AddModule((root_ / use).lexically_normal(), /*is_main=*/true));
    }
    return AddReplacements(work, root_);
  }

  absl::Status AddModule(fs::path folder, bool is_main) {
    if (!folder.has_filename()) folder = folder.parent_path();
    const std::string relative = folder.lexically_relative(root_).native();
    if (!folders_.insert(relative).second) return absl::OkStatus();
    GoLocalModule module;
    module.folder = relative;
    DEPCACHE_ASSIGN_OR_RETURN(module.mod, ReadFile(folder / "go.mod", kMaxFileBytes));
    DEPCACHE_ASSIGN_OR_RETURN(module.sum, ReadIfThere(folder / "go.sum"));
    DEPCACHE_ASSIGN_OR_RETURN(const GoMod mod, Parse(folder / "go.mod", module.mod));
    local_.insert(mod.module);
    if (is_main) {
      patterns_.push_back(relative == "." ? "./..." : "./" + relative + "/...");
    } else {
      replacements_.push_back(folder);
    }
    for (const GoRequire& entry : mod.required) others_.insert(entry.path);
    skeleton_.modules.push_back(std::move(module));
    return is_main ? AddReplacements(mod, folder) : absl::OkStatus();
  }

  absl::Status AddReplacements(const GoMod& mod, const fs::path& folder) {
    for (const GoReplace& entry : mod.replaced) {
      if (!IsFolder(entry)) continue;
      local_.insert(entry.path);
      DEPCACHE_RETURN_IF_ERROR(
          AddModule((folder / entry.new_path).lexically_normal(), /*is_main=*/false));
    }
    return absl::OkStatus();
  }

  // By the longest path of a module that a package lies below.
  bool IsOwn(std::string_view import) const {
    for (std::string_view path = import; !path.empty();) {
      if (local_.contains(path)) return true;
      if (others_.contains(path)) return false;
      const std::size_t slash = path.rfind('/');
      path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    }
    return false;
  }

  absl::Status ListImports() {
    DEPCACHE_RETURN_IF_ERROR(ListImports(root_, patterns_, {}));
    // As modules of their own: below ours, Go would want the go.mod of every
    // other module first.
    for (const fs::path& folder : replacements_) {
      DEPCACHE_RETURN_IF_ERROR(
          ListImports(folder, {"-mod=readonly", "./..."}, {{"GOWORK", "off"}}));
    }
    return absl::OkStatus();
  }

  absl::Status ListImports(const fs::path& folder, const std::vector<std::string>& words,
                           std::map<std::string, std::optional<std::string>> env) {
    std::vector<std::string> rest = {"-e", "-f", "{{range .Imports}}{{.}}\n{{end}}"};
    rest.insert(rest.end(), words.begin(), words.end());
    ProcessCommand command = GoCommand(setup_, folder, {"list"}, rest);
    command.env = std::move(env);
    // What is imported stands in our own sources: a proxy has no say in it.
    command.env["GOPROXY"] = "off";
    command.env["GOSUMDB"] = "off";
    DEPCACHE_ASSIGN_OR_RETURN(const std::string out, OutputOf(context_, command));
    for (std::string& import : Split(out, '\n')) {
      if (import.empty() || import == "C" || import == "unsafe" || IsOwn(import)) continue;
      skeleton_.imports.push_back(std::move(import));
    }
    return absl::OkStatus();
  }

  Context& context_;
  const GoSetup& setup_;
  const fs::path root_;
  GoSkeleton skeleton_;
  std::set<std::string> folders_;
  std::vector<std::string> patterns_;          // of packages of main modules
  std::vector<fs::path> replacements_;         // folders in place of other modules
  std::set<std::string, std::less<>> local_;   // module paths of the checkout
  std::set<std::string, std::less<>> others_;  // and of those it requires
};

}  // namespace

absl::StatusOr<fs::path> GoRoot(const GoSetup& setup) {
  if (!setup.work_file.empty()) return setup.work_file.parent_path();
  if (!setup.mod_file.empty()) return setup.mod_file.parent_path();
  return NotFound("there is no go.mod here, nor above");
}

absl::StatusOr<GoSkeleton> ReadGoCheckout(Context& context, const GoSetup& setup) {
  DEPCACHE_ASSIGN_OR_RETURN(fs::path root, GoRoot(setup));
  return CheckoutReader(context, setup, std::move(root)).Read();
}

absl::Status WriteGoSkeleton(const GoSkeleton& skeleton, const fs::path& folder) {
  if (!skeleton.vendor.empty()) {
    return InvalidArgument("modules are vendored: cook where the vendor folder is");
  }
  for (const GoLocalModule& module : skeleton.modules) {
    const fs::path below = folder / module.folder;
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(below));
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(below / "go.mod", module.mod));
    if (module.sum.empty()) continue;
    DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(below / "go.sum", module.sum));
  }
  if (skeleton.work.empty()) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(folder / "go.work", skeleton.work));
  if (skeleton.work_sum.empty()) return absl::OkStatus();
  return WriteFileAtomic(folder / "go.work.sum", skeleton.work_sum);
}

}  // namespace depcache::client
