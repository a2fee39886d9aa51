#include "cache/base/toml_depth.h"

#include <algorithm>
#include <vector>

namespace depcache {
namespace {

// Position after the string that starts at `pos` with a quote.
std::size_t SkipString(std::string_view text, std::size_t pos) {
  const char quote = text[pos];
  const bool has_escapes = quote == '"';
  const std::string_view triple = has_escapes ? "\"\"\"" : "'''";
  const bool is_multi_line = text.substr(pos, 3) == triple;
  pos += is_multi_line ? 3 : 1;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '\\' && has_escapes) {
      pos += 2;
    } else if (is_multi_line && c == quote && text.substr(pos, 3) == triple) {
      pos += 3;
      // The content may end with one or two quotes of its own.
      for (int i = 0; i < 2 && pos < text.size() && text[pos] == quote; ++i) ++pos;
      return pos;
    } else if (!is_multi_line && (c == quote || c == '\n')) {
      return c == '\n' ? pos : pos + 1;
    } else {
      ++pos;
    }
  }
  return text.size();
}

// Counts what is open: the dots of the last header, and for each open bracket
// the dots of the key it is the value of.
class DepthCounter {
 public:
  void Add(char c) {
    if (c == '\n' && keys_.size() == 1) {
      StartStatement();
    } else if (c == '[' && is_at_start_) {
      is_header_ = true;
      header_dots_ = 0;
    } else if (is_header_) {
      if (c == '.') ++header_dots_;
    } else if (c == '[' || c == '{') {
      keys_.push_back(0);
      ++open_;
    } else if (c == ']' || c == '}') {
      Close();
    } else if (c == ',') {
      open_ -= keys_.back();
      keys_.back() = 0;
    } else if (c == '.') {
      ++keys_.back();
      ++open_;
    }
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') is_at_start_ = false;
    most_ = std::max(most_, header_dots_ + open_ + 2);
  }

  std::size_t most() const { return most_; }

 private:
  void StartStatement() {
    is_at_start_ = true;
    is_header_ = false;
    open_ = 0;
    keys_.back() = 0;
  }
  void Close() {
    if (keys_.size() == 1) return;
    open_ -= keys_.back() + 1;
    keys_.pop_back();
  }

  std::vector<std::size_t> keys_ = {0};  // dots since the last comma, by open bracket
  std::size_t open_ = 0;                 // brackets and dots in keys_
  std::size_t header_dots_ = 0;
  bool is_at_start_ = true;
  bool is_header_ = false;
  std::size_t most_ = 0;
};

}  // namespace

std::size_t TomlDepthBound(std::string_view text) {
  DepthCounter counter;
  std::size_t pos = 0;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '#') {
      pos = std::min(text.find('\n', pos), text.size());
    } else if (c == '"' || c == '\'') {
      pos = SkipString(text, pos);
      counter.Add('"');
    } else {
      counter.Add(c);
      ++pos;
    }
  }
  return counter.most();
}

}  // namespace depcache
