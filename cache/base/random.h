#pragma once

#include <cstddef>
#include <string>

namespace depcache {

// Bytes that nobody can guess: names of tickets and leases. Thread-safe. Ends
// the process if the system has none to give.
std::string RandomBytes(std::size_t size);

}  // namespace depcache
