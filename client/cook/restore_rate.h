// How fast restores from a server were: what decides whether a unit is worth
// fetching (faster_compiled.h).
//
// Stored form: `rates` in the client's cache folder (siblings.h): a JSON object,
// address of a server -> plain bytes per second. Nothing depends on it: it may
// be removed at any time, and of two cooks which write it at once one wins.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <absl/status/status.h>

namespace depcache::client {

// Plain bytes per second, > 0; nullopt if none was measured.
std::optional<double> ReadRestoreRate(const std::filesystem::path& cache_folder,
                                      const std::string& server);

// Notes the mean of what is known and of what was measured now.
// Errors: of the disk.
absl::Status NoteRestoreRate(const std::filesystem::path& cache_folder, const std::string& server,
                             std::uint64_t plain_bytes, std::chrono::duration<double> took);

}  // namespace depcache::client
