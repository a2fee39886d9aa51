// Static libraries that a build script had linked: rustc packs them into the
// rlib, though neither Cargo nor the script's output changes with them.

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache::client {

// What a build script told Cargo on its standard output.
struct NativeLinks {
  std::vector<std::string> static_names;             // "z" of libz.a
  std::vector<std::filesystem::path> search_folders;  // absolute, in order
};

// From `rustc-link-lib`, `rustc-link-search` and `rustc-flags`, with one colon
// or two. What it does not understand it skips, as Cargo does.
NativeLinks ParseNativeLinks(std::string_view script_stdout);

// Archives outside the build directory, whose names `build_dirs` are; absolute,
// without repetition: of each name the first that is found; and, since a crate
// may name a library in its own source, every archive in a search folder that
// is none of the system's.
// Errors: FAILED_PRECONDITION, naming a library that lies in none of the
// folders, or a folder with too many archives.
absl::StatusOr<std::vector<std::filesystem::path>> FindStaticArchives(
    const NativeLinks& links, std::span<const std::filesystem::path> build_dirs);

}  // namespace depcache::client
