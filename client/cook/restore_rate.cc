#include "client/cook/restore_rate.h"

#include <nlohmann/json.hpp>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 1 << 16;
constexpr std::size_t kMaxServers = 100;

fs::path FileIn(const fs::path& cache_folder) { return cache_folder / "rates"; }

// An object, empty where there is none.
nlohmann::json ReadAll(const fs::path& cache_folder) {
  if (cache_folder.empty()) return nlohmann::json::object();
  const absl::StatusOr<std::string> text = ReadFile(FileIn(cache_folder), kMaxFileBytes);
  if (!text.ok()) return nlohmann::json::object();
  nlohmann::json rates = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  return rates.is_object() ? rates : nlohmann::json::object();
}

std::optional<double> RateIn(const nlohmann::json& rates, const std::string& server) {
  const auto rate = rates.find(server);
  if (rate == rates.end() || !rate->is_number() || rate->get<double>() < 1) return std::nullopt;
  return rate->get<double>();
}

}  // namespace

std::optional<double> ReadRestoreRate(const fs::path& cache_folder, const std::string& server) {
  return RateIn(ReadAll(cache_folder), server);
}

absl::Status NoteRestoreRate(const fs::path& cache_folder, const std::string& server,
                             std::uint64_t plain_bytes, std::chrono::duration<double> took) {
  if (cache_folder.empty() || server.empty() || took.count() <= 0) return absl::OkStatus();
  nlohmann::json rates = ReadAll(cache_folder);
  if (rates.size() >= kMaxServers && !rates.contains(server)) rates.clear();
  const double now = static_cast<double>(plain_bytes) / took.count();
  rates[server] = (RateIn(rates, server).value_or(now) + now) / 2;
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(cache_folder));
  return WriteFileAtomic(FileIn(cache_folder),
                         rates.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                         0600);
}

}  // namespace depcache::client
