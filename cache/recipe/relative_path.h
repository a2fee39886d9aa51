// Paths inside a workspace as text: '/' between components, relative to the
// workspace root. Nothing here looks at a file system; symbolic links are the
// concern of whoever opens the path.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace depcache {

inline constexpr std::size_t kMaxPathBytes = 4096;

// Whether `path` stays below the folder it is joined to, on every system: not
// empty, not absolute, no empty, "." or ".." component, no backslash, colon or
// control character, at most kMaxPathBytes.
bool IsSafeRelativePath(std::string_view path);

// "a/b/c" -> "a/b"; "c" -> "".
std::string ParentPath(std::string_view path);

// `path` as seen from `folder` ("" is the root), with "." and ".." taken out.
// nullopt if it is absolute, longer than kMaxPathBytes, or leaves the root. "" is the root itself.
std::optional<std::string> JoinInside(std::string_view folder, std::string_view path);

// "a" + "b" -> "a/b"; "" + "b" -> "b".
std::string JoinPath(std::string_view folder, std::string_view name);

}  // namespace depcache
