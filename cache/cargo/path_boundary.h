// Where a path starts and ends inside a text: the one rule for replacing roots
// and for finding them.
//
// "/app" is a folder of this machine in "-L/app/lib", "native=/app/out" and
// "file:///app". It is none in "/appconfig" (a longer name), in
// "registry/app" or "~/app" (the middle of a longer path), or "</app>".

#pragma once

#include <cstddef>
#include <string_view>

namespace depcache {

// A byte of a file name. Bytes of UTF-8 are; 0xC0, 0xC1 and 0xF5 up never
// stand in UTF-8 and end a name (rustc closes strings with 0xC1).
constexpr bool IsNameByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return byte != 0xC0 && byte != 0xC1 && byte < 0xF5;
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '+' || c == '~';
}

// A byte after which a '/' goes on with a path: a name, or the end of a
// placeholder as in "$(pwd)/app", "${HOME}/app" and "%cd%/app".
constexpr bool EndsComponent(char c) {
  return IsNameByte(c) || c == ')' || c == '}' || c == ']' || c == '>' || c == '*' || c == '%';
}

constexpr bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// True if the path of `size` bytes at `pos` ends there or goes on with '/'. A
// full stop after it ends a sentence unless a name goes on; a '%' goes on with
// a URL's name, "%20", but not with a format, "%s".
constexpr bool EndsAtBoundary(std::string_view text, std::size_t pos, std::size_t size) {
  std::size_t end = pos + size;
  while (end < text.size() && text[end] == '.') ++end;
  if (end >= text.size()) return true;
  if (text[end] == '%') {
    return end + 2 >= text.size() || !IsHexDigit(text[end + 1]) || !IsHexDigit(text[end + 2]);
  }
  return !IsNameByte(text[end]) && text[end] != '@';
}

// True if the letters before `end` are an option's: "-L", "-isystem".
constexpr bool EndsOption(std::string_view text, std::size_t end) {
  std::size_t dash = end;
  while (dash > 0 && ((text[dash - 1] >= 'a' && text[dash - 1] <= 'z') ||
                      (text[dash - 1] >= 'A' && text[dash - 1] <= 'Z'))) {
    --dash;
  }
  if (dash == end || dash == 0 || text[dash - 1] != '-') return false;
  return dash == 1 || (!EndsComponent(text[dash - 2]) && text[dash - 2] != '/');
}

// True if the path at `pos`, which starts with '/', is not the rest of a
// longer path before it.
constexpr bool StartsAtBoundary(std::string_view text, std::size_t pos) {
  std::size_t start = pos;
  while (start > 0 && text[start - 1] == '/') --start;  // "file:///app", "//app"
  if (start == 0 || !EndsComponent(text[start - 1])) return true;
  return start == pos && EndsOption(text, start);
}

// True for the "/root" of "</root>".
constexpr bool IsClosingTag(std::string_view text, std::size_t pos, std::size_t size) {
  return pos > 0 && text[pos - 1] == '<' && pos + size < text.size() && text[pos + size] == '>';
}

// True if `text[pos, pos + size)`, a path without a slash at its end, is a
// whole leading path: it starts and ends at a component boundary.
constexpr bool IsWholeLeadingPath(std::string_view text, std::size_t pos, std::size_t size) {
  return EndsAtBoundary(text, pos, size) && StartsAtBoundary(text, pos) &&
         !IsClosingTag(text, pos, size);
}

}  // namespace depcache
