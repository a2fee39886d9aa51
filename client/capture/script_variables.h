// Variables that a build script reads and says nothing of to Cargo. On one
// machine Cargo would not run it again; for another one its output is wrong.

#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache::client {

// Names in `var("NAME")` and `var_os("NAME")`, with env:: before it or not. Not
// those which Cargo sets or the key stands for (the Cargo book, "Environment
// variables": OUT_DIR, TARGET, CARGO_…, RUSTC…, DEP_…), nor which are another
// on each machine and no part of what is made: PATH, HOME, TMPDIR and their
// like. A name that is put together, or read in a dependency, is not found.
// Comments are not told apart: in doubt a name counts.
std::set<std::string> VariablesReadBy(std::string_view rust_source);

// Of the build script whose root source this is, and of its modules: files that
// `mod name;` and `#[path = "file"]` name. Errors: of the disk, for one that is
// there; FAILED_PRECONDITION if there are too many.
absl::StatusOr<std::set<std::string>> VariablesOfScript(const std::filesystem::path& root_source);

}  // namespace depcache::client
