#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "cache/base/files.h"

namespace depcache::testing {

// A folder of one test's own, removed with this object. Paths are relative to
// it. What cannot be done fails the test.
class TestFolder {
 public:
  TestFolder() : folder_(Make()) {}

  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path operator/(const std::filesystem::path& relative) const {
    return path() / relative;
  }

  // Writes a file, with the folders above it. Its absolute path.
  std::filesystem::path Write(const std::filesystem::path& relative, std::string_view text,
                              mode_t mode = 0644) const {
    const std::filesystem::path file = path() / relative;
    EXPECT_TRUE(CreateDirectories(file.parent_path()).ok()) << file;
    EXPECT_TRUE(WriteFileAtomic(file, text, mode).ok()) << file;
    return file;
  }

  // "" if it cannot be read.
  std::string Read(const std::filesystem::path& relative) const {
    const absl::StatusOr<std::string> text = ReadFile(path() / relative, 64 << 20);
    return text.ok() ? *text : std::string();
  }

  // Without following a link.
  bool Has(const std::filesystem::path& relative) const {
    struct stat info {};
    return lstat((path() / relative).c_str(), &info) == 0;
  }

 private:
  static ScopedTempDir Make() {
    absl::StatusOr<ScopedTempDir> folder =
        ScopedTempDir::Make(std::filesystem::temp_directory_path(), "depcache-test-");
    if (!folder.ok()) throw std::runtime_error("no temporary folder");
    return *std::move(folder);
  }

  ScopedTempDir folder_;
};

// Modification time in whole seconds; -1 if there is no such file.
inline std::int64_t SecondsOf(const std::filesystem::path& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mtim.tv_sec : -1;
}

}  // namespace depcache::testing
