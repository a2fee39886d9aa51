#pragma once

#include <memory>

#include <absl/status/statusor.h>

#include "server/config.h"

namespace depcache::server {

// The running server: the only place which names concrete classes and joins
// them. Stop may be called from any thread, once.
class App {
 public:
  // Opens the store and starts to listen. Reads the token and TLS files.
  // Errors: INVALID_ARGUMENT (a file does not parse); NOT_FOUND (a file);
  // FAILED_PRECONDITION (the data folder is in use); UNAVAILABLE (the address
  // is taken).
  static absl::StatusOr<std::unique_ptr<App>> Start(const Config& config);

  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // The port in use; of interest when the config said port 0.
  int port() const;
  // Of the metrics; 0 if they are off.
  int metrics_port() const;

  // Says NOT_SERVING, refuses new calls, lets those under way finish for at
  // most the configured time, then stops listening and closes the store.
  void Stop();

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace depcache::server
