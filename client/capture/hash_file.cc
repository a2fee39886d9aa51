#include "client/capture/hash_file.h"

#include <sys/stat.h>

namespace depcache::client {
namespace {

constexpr std::int64_t kHashFileBytes = 16;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::optional<HashFileState> ReadHashFileState(const std::filesystem::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) return std::nullopt;
  return HashFileState{info.st_size, info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec};
}

bool IsWhole(const std::optional<HashFileState>& state) {
  return state && state->size == kHashFileBytes;
}

}  // namespace depcache::client
