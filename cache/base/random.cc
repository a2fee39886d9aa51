#include "cache/base/random.h"

#include <openssl/rand.h>

#include "cache/base/check.h"

namespace depcache {

std::string RandomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  DEPCACHE_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                            static_cast<int>(bytes.size())) == 1);
  return bytes;
}

}  // namespace depcache
