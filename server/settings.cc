// The table of settings: the whole configuration language on one page.

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "server/config.h"

namespace depcache::server {
namespace {

using SetText = std::function<absl::Status(Config&, std::string_view)>;
using GetText = std::function<std::string(const Config&)>;

// Makes a setter of a parser and a field.
template <typename T, typename Parse>
SetText Into(T Config::*field, Parse parse) {
  return [field, parse](Config& config, std::string_view text) -> absl::Status {
    auto value = parse(text);
    if (!value.ok()) return value.status();
    config.*field = static_cast<T>(*value);
    return absl::OkStatus();
  };
}

Setting Text(std::string name, std::string Config::*field, std::string help) {
  return {std::move(name), std::move(help), false,
          [field](Config& c, std::string_view text) {
            c.*field = text;
            return absl::OkStatus();
          },
          [field](const Config& c) { return c.*field; }};
}

Setting File(std::string name, std::filesystem::path Config::*field, std::string help) {
  return {std::move(name), std::move(help), false,
          [field](Config& c, std::string_view text) {
            c.*field = text;
            return absl::OkStatus();
          },
          [field](const Config& c) { return (c.*field).native(); }};
}

Setting Bytes(std::string name, std::uint64_t Config::*field, std::string help) {
  return {std::move(name), std::move(help), false, Into(field, ParseBytes),
          [field](const Config& c) { return fmt::format("{}", c.*field); }};
}

Setting Number(std::string name, std::uint32_t Config::*field, std::uint32_t max,
               std::string help) {
  return {std::move(name), std::move(help), false,
          Into(field, [max](std::string_view text) { return ParseNumber(text, max); }),
          [field](const Config& c) { return fmt::format("{}", c.*field); }};
}

Setting Duration(std::string name, std::chrono::milliseconds Config::*field, std::string help) {
  return {std::move(name), std::move(help), false, Into(field, ParseDuration),
          [field](const Config& c) { return fmt::format("{}ms", (c.*field).count()); }};
}

Setting Flag(std::string name, bool Config::*field, std::string help) {
  return {std::move(name), std::move(help), true, Into(field, ParseBool),
          [field](const Config& c) { return std::string(c.*field ? "true" : "false"); }};
}

std::string LevelName(const Config& config) {
  switch (config.log_level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "info";
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = {
      Text("listen", &Config::listen, "Address and port of the gRPC listener; port 0 picks one"),
      Text("metrics_listen", &Config::metrics_listen,
           "Address and port of Prometheus metrics over HTTP, at /metrics; off unless set"),
      File("data", &Config::data, "Folder of the store; made if missing"),
      Text("store", &Config::store, "rocksdb, or memory: keeps nothing after the end"),
      File("tokens", &Config::tokens, "TOML file of accepted tokens (docs/operating.md)"),
      File("tls_cert", &Config::tls_cert, "PEM file of the server's certificate chain"),
      File("tls_key", &Config::tls_key, "PEM file of its private key"),
      Flag("insecure", &Config::insecure,
           "Listen beyond loopback without tokens or TLS: whoever connects may write"),
      Bytes("max_store_bytes", &Config::max_store_bytes,
            "Above this the oldest blobs are evicted: 50GiB, 500MB"),
      Bytes("min_free_bytes", &Config::min_free_bytes,
            "Writes are refused while the disk has less free than this"),
      Bytes("block_cache_bytes", &Config::block_cache_bytes, "Memory for blocks being served"),
      Number("generations", &Config::generations, 256,
             "Parts of the store; eviction drops the oldest"),
      Number("io_threads", &Config::io_threads, 256, "Threads that read and write the store"),
      Number("max_streams", &Config::max_streams, 65'536, "Concurrent calls per connection"),
      Duration("drain", &Config::drain, "How long running calls may go on after SIGTERM"),
      Duration("ticket_ttl", &Config::ticket_ttl,
               "How long bytes of a found layer are kept readable while nobody reads them"),
      {"log_level", "debug, info, warn, error or off", false,
       Into(&Config::log_level, ParseLogLevel), LevelName},
  };
  return settings;
}

}  // namespace depcache::server
