// ReadBlobsResponse without copying frames: the bytes that protobuf would put
// before each frame, written by hand, so that a server can send them and the
// stored frame as separate slices. Ordinary protobuf readers parse the result.

#pragma once

#include <cstdint>
#include <string>

#include <absl/status/status.h>

namespace depcache {

// What stands before one frame of `frame_bytes` bytes in a ReadBlobsResponse:
// the field `blobs`, its length, the other fields of BlobFrame, and the tag
// and length of `frame`. Exactly `frame_bytes` bytes must follow.
std::string FrameHeader(std::uint32_t position, absl::StatusCode status, std::uint32_t plain_bytes,
                        std::size_t frame_bytes);

}  // namespace depcache
