// An rlib holds a copy of its rmeta: one need not be stored twice.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace depcache {

// Where all of `rmeta` stands in `rlib`, in bytes from its start; nullopt if
// it does not, as with compilers told to keep metadata out of libraries, or
// if it is empty. Found by search: the place in the archive is not promised.
std::optional<std::size_t> FindRmeta(std::string_view rlib, std::string_view rmeta);

}  // namespace depcache
