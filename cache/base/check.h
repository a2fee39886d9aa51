// DEPCACHE_CHECK(condition): aborts when an invariant of ours is broken. Never
// for bad input, which is a Status.

#pragma once

#include <cstdio>
#include <cstdlib>

namespace depcache {

[[noreturn]] inline void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "depcache: broken invariant '%s' at %s:%d; please report this\n", condition,
               file, line);
  std::abort();
}

}  // namespace depcache

#define DEPCACHE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::depcache::CheckFailed(#condition, __FILE__, __LINE__))
