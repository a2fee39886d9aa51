#pragma once

#include <string>
#include <string_view>

#include "client/terminal.h"

namespace depcache::testing {

// A terminal which keeps what is written.
class TestTerminal final : public client::Terminal {
 public:
  explicit TestTerminal(const Options& options = {}) : Terminal(options) {}

  std::string err;
  std::string out;

 private:
  void WriteErr(std::string_view bytes) override { err += bytes; }
  void WriteOut(std::string_view bytes) override { out += bytes; }
};

}  // namespace depcache::testing
