#include "client/cargo/machine_folders.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/registry_layout.h"

namespace depcache::client {
namespace {

// The scan ignores a temporary folder as short as "/tmp": crates name it as a
// string of their own.
constexpr std::ptrdiff_t kMinTempDepth = 2;

std::ptrdiff_t DepthOf(const std::filesystem::path& path) {
  const std::string& text = path.native();
  return std::count(text.begin(), text.end(), '/');
}

// The directory sources that packages lie in.
std::set<std::filesystem::path> DirectoriesOf(const std::vector<DirectoryPackage>& packages) {
  std::set<std::filesystem::path> folders;
  for (const DirectoryPackage& package : packages) folders.insert(package.root.parent_path());
  return folders;
}

}  // namespace

std::filesystem::path NormalFolder(const std::filesystem::path& path) {
  std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() || !normal.has_relative_path() ? normal : normal.parent_path();
}

bool IsBelow(const std::filesystem::path& path, const std::filesystem::path& folder) {
  if (folder.empty()) return false;
  if (path == folder) return true;
  const std::string& start = folder.native();
  return path.native().starts_with(start.ends_with('/') ? start : start + '/');
}

std::vector<std::filesystem::path> MachineFolders::NamesOf(
    const std::filesystem::path& folder) const {
  std::vector<std::filesystem::path> names = {folder};
  const std::string text = folder.native() + "/";
  for (const auto& [link, real] : links) {
    if (!text.starts_with(link.native() + "/")) continue;
    const std::string name = real.native() + text.substr(link.native().size());
    names.push_back(NormalFolder(name));
  }
  std::sort(names.begin() + 1, names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void MachineFolders::FindLinks() {
  links.clear();
  for (const std::filesystem::path* folder :
       {&workspace, &target_dir, &build_dir, &cargo_home, &rustup_home, &sysroot, &home}) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(*folder, error);
    if (error || folder->empty() || NormalFolder(real) == *folder) continue;
    links.emplace_back(*folder, NormalFolder(real));
  }
}

absl::StatusOr<std::filesystem::path> MachineFolders::RegistrySrc(std::string_view source) const {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, RegistryDirName(source));
  return cargo_home / "registry" / "src" / name;
}

const DirectoryPackage* MachineFolders::FindDirectoryPackage(const PackageId& package) const {
  if (package.checksum.empty()) return nullptr;
  const auto found = std::find_if(
      directory_packages.begin(), directory_packages.end(), [&](const DirectoryPackage& here) {
        return here.digest == package.checksum && here.name == package.name &&
               here.version == package.version;
      });
  return found == directory_packages.end() ? nullptr : &*found;
}

bool MachineFolders::IsInDirectory(std::string_view name, std::string_view version) const {
  return std::any_of(
      directory_packages.begin(), directory_packages.end(),
      [&](const DirectoryPackage& here) { return here.name == name && here.version == version; });
}

absl::StatusOr<std::filesystem::path> MachineFolders::GitRepository(std::string_view source) const {
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, GitDirName(git.url));
  return cargo_home / "git" / "db" / name;
}

absl::StatusOr<std::filesystem::path> MachineFolders::GitCheckout(std::string_view source) const {
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, GitDirName(git.url));
  const std::filesystem::path folder = cargo_home / "git" / "checkouts" / name;
  // As names only ever get longer, the longest is the one in use.
  std::string longest;
  std::error_code error;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(folder, error)) {
    const std::string found = entry.path().filename().native();
    if (IsShortOf(found, git.commit) && found.size() > longest.size()) longest = found;
  }
  return folder / (longest.empty() ? git.commit.substr(0, kGitShortDigits) : longest);
}

absl::StatusOr<std::filesystem::path> MachineFolders::PackageRoot(const PackageId& package) const {
  if (const DirectoryPackage* found = FindDirectoryPackage(package)) return found->root;
  if (IsGitSource(package.source)) return GitCheckout(package.source);
  DEPCACHE_ASSIGN_OR_RETURN(const std::filesystem::path src, RegistrySrc(package.source));
  return src / fmt::format("{}-{}", package.name, package.version);
}

void MachineFolders::AddNames(Root root, const std::filesystem::path& folder,
                              RootMap& roots) const {
  for (const std::filesystem::path& name : NamesOf(folder)) roots.Add(root, name.native());
}

absl::StatusOr<RootMap> MachineFolders::RootsFor(const PackageId& package) const {
  DEPCACHE_ASSIGN_OR_RETURN(const std::filesystem::path package_root, PackageRoot(package));
  RootMap roots = CommonRoots();
  AddNames(Root::kPackage, package_root, roots);
  if (IsGitSource(package.source) || FindDirectoryPackage(package) != nullptr) return roots;
  DEPCACHE_ASSIGN_OR_RETURN(const std::filesystem::path registry_src, RegistrySrc(package.source));
  AddNames(Root::kRegistrySrc, registry_src, roots);
  return roots;
}

RootMap MachineFolders::CommonRoots() const {
  RootMap roots;
  // Of equal paths the first added wins: the build directory before the
  // target directory, whichever way the next machine has them.
  AddNames(Root::kBuildDir, build_dir, roots);
  AddNames(Root::kTargetDir, target_dir, roots);
  AddNames(Root::kWorkspace, workspace, roots);
  AddNames(Root::kCargoHome, cargo_home, roots);
  AddNames(Root::kSysroot, sysroot, roots);
  AddNames(Root::kRustupHome, rustup_home, roots);
  AddNames(Root::kHome, home, roots);
  if (DepthOf(temp) >= kMinTempDepth) roots.Add(Root::kTemp, temp.native());
  return roots;
}

std::vector<std::string> MachineFolders::ScanRoots() const {
  std::vector<std::string> roots;
  const auto add = [&](const std::filesystem::path& folder) {
    for (const std::filesystem::path& name : NamesOf(folder)) {
      if (!name.empty()) roots.push_back(name.native());
    }
  };
  for (const std::filesystem::path* path :
       {&workspace, &target_dir, &build_dir, &cargo_home, &rustup_home, &sysroot, &home}) {
    add(*path);
  }
  if (DepthOf(temp) >= kMinTempDepth) roots.push_back(temp.native());
  for (const std::filesystem::path& source : DirectoriesOf(directory_packages)) add(source);
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  return roots;
}

std::vector<std::pair<std::string, std::string>> MachineFolders::Remaps() const {
  std::vector<std::pair<std::string, std::string>> remaps;
  const auto add = [&](const std::filesystem::path& from, std::string_view to) {
    for (const std::filesystem::path& name : NamesOf(from)) {
      if (name.native().size() > 1) remaps.emplace_back(name.native(), to);
    }
  };
  add(home, "/cargo/user");
  add(rustup_home, "/cargo/rustup");
  add(cargo_home, "/cargo/home");
  add(cargo_home / "registry" / "src", "/cargo/registry");
  add(cargo_home / "git" / "checkouts", "/cargo/git");
  add(workspace, ".");
  add(target_dir, "/cargo/target-dir");
  add(build_dir, "/cargo/build-dir");
  for (const std::filesystem::path& source : DirectoriesOf(directory_packages)) {
    add(source, "/cargo/vendor");
  }
  // Of equal paths the last wins, for rustc as for us.
  std::stable_sort(remaps.begin(), remaps.end(), [](const auto& a, const auto& b) {
    return a.first.size() < b.first.size();
  });
  return remaps;
}

}  // namespace depcache::client
