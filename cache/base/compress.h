// zstd frames: how blobs are stored and sent.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace depcache {

// Level of new frames; 3 took 2.3 s for 676 MB of rlibs at a quarter of their
// size, where 1 saved a second and cost 9 % more bytes.
inline constexpr int kFrameLevel = 3;

// One zstd frame which states its content size. Thread-safe: each thread keeps
// its own zstd context.
std::string CompressFrame(std::string_view plain, int level = kFrameLevel);

// Content size a frame states, without expanding it.
// Errors: INVALID_ARGUMENT (not one whole frame, or size not stated or above
// `max_bytes`).
absl::StatusOr<std::size_t> FrameContentSize(std::string_view frame, std::size_t max_bytes);

// Expands `frame` into `plain`, which must be exactly its content. A frame can
// never make this write past `plain` or allocate by what it claims.
// Errors: INVALID_ARGUMENT.
absl::Status DecompressFrame(std::string_view frame, std::span<char> plain);

// As above, into a new string of at most `max_bytes`.
absl::StatusOr<std::string> DecompressFrame(std::string_view frame, std::size_t max_bytes);

}  // namespace depcache
