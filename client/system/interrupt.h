// Ctrl-C and termination, as a flag and a file descriptor to wait on.

#pragma once

namespace depcache::client {

// From now on SIGINT, SIGTERM and SIGHUP set the flag instead of ending the
// process; a second one ends it at once. Call once, before threads exist.
void CatchInterrupts();

// The signal that came, or 0. Thread-safe.
int InterruptSignal();
inline bool IsInterrupted() { return InterruptSignal() != 0; }

// Becomes readable when a signal came; -1 before CatchInterrupts.
int InterruptFd();

}  // namespace depcache::client
