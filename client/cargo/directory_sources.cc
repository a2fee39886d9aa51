#include "client/cargo/directory_sources.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/toml_text.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxManifestBytes = 4 << 20;
constexpr std::uint64_t kMaxSourceBytes = 1ULL << 30;

std::int64_t SecondsOf(const struct stat& info) {
  return info.st_mtim.tv_sec + (info.st_mtim.tv_nsec > 0 ? 1 : 0);
}

// Name and version of the package in a folder; empty if it is none.
std::pair<std::string, std::string> PackageIn(const fs::path& folder) {
  const absl::StatusOr<std::string> text = ReadFile(folder / "Cargo.toml", kMaxManifestBytes);
  if (!text.ok()) return {};
  const absl::StatusOr<TomlTable> manifest = ParseManifest(*text);
  if (!manifest.ok()) return {};
  const std::string* version = FindString(FindTable(&*manifest, "package"), "version");
  return {PackageName(*manifest), version == nullptr ? "" : *version};
}

// Adds one entry of a package to the text that is hashed.
absl::Status AddEntry(const fs::path& relative, const fs::path& path, std::string& text,
                      std::int64_t& newest) {
  struct stat own {};
  struct stat info {};
  if (lstat(path.c_str(), &own) != 0 || stat(path.c_str(), &info) != 0) {
    return FailedPrecondition("{} leads nowhere", path.native());
  }
  newest = std::max({newest, SecondsOf(own), SecondsOf(info)});
  if (S_ISDIR(own.st_mode)) return absl::OkStatus();
  if (!S_ISREG(info.st_mode)) return FailedPrecondition("{} is no file", path.native());
  if (relative == ".cargo-checksum.json" || relative == ".cargo-ok") return absl::OkStatus();
  DEPCACHE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxSourceBytes));
  text += relative.native();
  text += '\0';
  text += (info.st_mode & 0100) != 0 ? 'x' : '-';
  text += HashAs<BlobHash>(bytes).AsBytes();
  return absl::OkStatus();
}

}  // namespace

std::vector<fs::path> DirectorySources(std::span<const ConfigText> files) {
  std::map<std::string, fs::path> by_name;
  for (const ConfigText& file : files) {
    const absl::StatusOr<TomlTable> config = ParseToml(file.text);
    const TomlTable* sources = config.ok() ? FindTable(&*config, "source") : nullptr;
    if (sources == nullptr) continue;
    for (const auto& [name, source] : *sources) {
      const std::string* folder = FindString(source.AsTable(), "directory");
      if (folder != nullptr) by_name[name] = (file.base / *folder).lexically_normal();
    }
  }
  std::set<fs::path> folders;
  for (const auto& [name, folder] : by_name) {
    folders.insert(folder.has_filename() ? folder : folder.parent_path());
  }
  return {folders.begin(), folders.end()};
}

absl::StatusOr<PackageContents> ReadPackageContents(const fs::path& root) {
  PackageContents contents;
  std::string text = "depcache.directory-package.v1\n";
  struct stat info {};
  if (stat(root.c_str(), &info) != 0) return NotFound("{}", root.native());
  contents.newest = SecondsOf(info);
  DEPCACHE_RETURN_IF_ERROR(
      WalkTree(root, [&](const fs::path& relative, const fs::directory_entry& entry) {
        return AddEntry(relative, entry.path(), text, contents.newest);
      }));
  contents.digest = HashAs<BlobHash>(text).ToHex();
  return contents;
}

std::vector<DirectoryPackage> FindDirectoryPackages(const std::vector<fs::path>& sources,
                                                    const Lockfile& lock) {
  std::set<std::pair<std::string, std::string>> locked;
  for (const LockedPackage& package : lock.packages) {
    if (!package.IsLocal()) locked.emplace(package.name, package.version);
  }
  std::vector<DirectoryPackage> packages;
  for (const fs::path& source : sources) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(source, error)) {
      const std::string folder = entry.path().filename().native();
      if (folder.starts_with('.')) continue;
      auto [name, version] = PackageIn(entry.path());
      if (!locked.contains({name, version})) continue;
      const absl::StatusOr<PackageContents> contents = ReadPackageContents(entry.path());
      packages.push_back({std::move(name), std::move(version), entry.path(),
                          contents.ok() ? contents->digest : "",
                          contents.ok() ? contents->newest : 0});
    }
  }
  std::sort(packages.begin(), packages.end(),
            [](const auto& a, const auto& b) { return a.root < b.root; });
  return packages;
}

}  // namespace depcache::client
