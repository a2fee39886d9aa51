#include "client/restore/invalidate.h"

#include <algorithm>
#include <system_error>

#include <unistd.h>

#include "cache/base/files.h"
#include "cache/cargo/cargo_fingerprint.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFingerprintBytes = 1 << 20;

std::vector<fs::path> Folders(const fs::path& parent) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (entry.is_directory(error)) folders.push_back(entry.path());
  }
  return folders;
}

// Every folder with fingerprints of a profile.
std::vector<fs::path> FingerprintFolders(const fs::path& profile, LayoutKind layout) {
  if (layout == LayoutKind::kClassic) return Folders(profile / ".fingerprint");
  std::vector<fs::path> folders;
  for (const fs::path& package : Folders(profile / "build")) {
    for (const fs::path& unit : Folders(package)) folders.push_back(unit / "fingerprint");
  }
  return folders;
}

bool StandsOn(const fs::path& json, const std::set<std::uint64_t>& replaced) {
  const absl::StatusOr<std::string> text = ReadFile(json, kMaxFingerprintBytes);
  if (!text.ok()) return false;
  const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(*text);
  return fingerprint.ok() &&
         std::any_of(fingerprint->deps.begin(), fingerprint->deps.end(),
                     [&](const FingerprintDep& dep) { return replaced.contains(dep.hash); });
}

}  // namespace

std::size_t InvalidateDependents(const fs::path& build_dir,
                                 const std::vector<std::string>& profile_folders, LayoutKind layout,
                                 const std::set<std::uint64_t>& replaced,
                                 const std::set<std::string>& except) {
  std::size_t count = 0;
  for (const std::string& profile : profile_folders) {
    for (const fs::path& folder : FingerprintFolders(build_dir / profile, layout)) {
      std::error_code error;
      for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".json") continue;
        const fs::path hash_file = folder / entry.path().stem();
        if (except.contains(hash_file.lexically_relative(build_dir).native())) continue;
        if (!StandsOn(entry.path(), replaced)) continue;
        if (unlink(hash_file.c_str()) == 0) ++count;
      }
    }
  }
  return count;
}

}  // namespace depcache::client
