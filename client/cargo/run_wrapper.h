#pragma once

namespace depcache::client {

// True if this process was called as Cargo's rustc wrapper, by its name.
bool IsCalledAsWrapper(const char* argv0);

// Becomes rustc, or refuses. Returns an exit code only when nothing was
// started. Does as little as possible: it runs once for each crate.
int RunAsWrapper(int argc, char** argv);

}  // namespace depcache::client
