// Recorded trees of real Cargos: tests/golden/cargo/README.md says how.

#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cache/base/text.h"

namespace depcache::testing {

// Where the recorded builds ran.
inline constexpr std::string_view kSampleBuildDir = "/home/ci/plan";
inline constexpr std::string_view kSampleRegistrySrc = "/home/ci/.cargo/registry/src";

// Content of tests/golden/cargo/<name>.
inline std::string ReadSample(std::string_view name) {
  const std::filesystem::path path =
      std::filesystem::path(DEPCACHE_GOLDEN_DIR) / "cargo" / std::filesystem::path(name);
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "no sample " << path;
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// The lines of a sample, each split at tabs.
inline std::vector<std::vector<std::string>> ReadTable(std::string_view name) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : Split(ReadSample(name), '\n')) {
    if (!line.empty()) rows.push_back(Split(line, '\t'));
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

}  // namespace depcache::testing
