// Go's build cache (GOCACHE) on disk, as Go 1.10 and later keep it:
//
//   <first 2 digits>/<64 hex digits>-a   an action: which output it had
//   <first 2 digits>/<64 hex digits>-d   an output, named by its SHA-256
//
//   action file := "v1 " action " " output " " size:20 " " unix_ns:20 "\n"
//                  ; numbers padded with spaces on the left
//
// An action's ID is a hash over all that goes into it: an entry that does not
// belong to a build is never looked at by it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace depcache {

struct BuildCacheEntry {
  std::string action;  // 64 hex digits
  std::string output;  // 64 hex digits
  std::uint64_t size_bytes = 0;
  friend bool operator==(const BuildCacheEntry&, const BuildCacheEntry&) = default;
};

// nullopt: not an action file.
std::optional<BuildCacheEntry> ParseActionFile(std::string_view bytes);

// With the time 0, so that equal entries have equal bytes. Go looks at the
// time for test results only.
std::string ActionFileText(const BuildCacheEntry& entry);

// Paths below GOCACHE. The id has 64 hex digits.
std::string ActionFilePath(std::string_view action);
std::string OutputFilePath(std::string_view output);

// The first 30 hex digits of the ID of the action that built a package, from
// what `go list -export` says is its BuildID ("<action>/<content>").
std::optional<std::string> ActionPrefix(std::string_view build_id);

// The ID of a further output of an action ("stdout", "srcfiles", a file name).
std::string SubkeyOf(std::string_view action, std::string_view name);

}  // namespace depcache
