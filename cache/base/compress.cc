#include "cache/base/compress.h"

#include <memory>

#include <zstd.h>

#include "cache/base/check.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

// Windows above this are refused, whatever the frame asks for: a blob is at
// most 1 MiB, so an honest frame needs 2^20.
constexpr int kMaxWindowLog = 23;

constexpr std::string_view kMagic = "\x28\xB5\x2F\xFD";  // of a frame with content

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* Compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* Decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context = [] {
    std::unique_ptr<ZSTD_DCtx, FreeDecompressor> made(ZSTD_createDCtx());
    ZSTD_DCtx_setParameter(made.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    return made;
  }();
  return context.get();
}

}  // namespace

std::string CompressFrame(std::string_view plain, int level) {
  std::string frame(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size = ZSTD_compressCCtx(Compressor(), frame.data(), frame.size(), plain.data(),
                                             plain.size(), level);
  DEPCACHE_CHECK(ZSTD_isError(size) == 0);
  frame.resize(size);
  frame.shrink_to_fit();
  return frame;
}

absl::StatusOr<std::size_t> FrameContentSize(std::string_view frame, std::size_t max_bytes) {
  // A skippable frame would count as one of no content, whatever it holds.
  if (!frame.starts_with(kMagic)) return InvalidArgument("not a zstd frame");
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) return InvalidArgument("not a zstd frame");
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) return InvalidArgument("zstd frame without content size");
  if (size > max_bytes) {
    return InvalidArgument("zstd frame of {} bytes is above the limit of {}", size, max_bytes);
  }
  const std::size_t whole = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(whole) != 0 || whole != frame.size()) {
    return InvalidArgument("not exactly one zstd frame");
  }
  return static_cast<std::size_t>(size);
}

absl::Status DecompressFrame(std::string_view frame, std::span<char> plain) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::size_t size, FrameContentSize(frame, plain.size()));
  if (size != plain.size()) {
    return InvalidArgument("zstd frame holds {} bytes, want {}", size, plain.size());
  }
  const std::size_t written = ZSTD_decompressDCtx(Decompressor(), plain.data(), plain.size(),
                                                  frame.data(), frame.size());
  if (ZSTD_isError(written) != 0) {
    return InvalidArgument("damaged zstd frame: {}", ZSTD_getErrorName(written));
  }
  if (written != plain.size()) return InvalidArgument("zstd frame is shorter than it states");
  return absl::OkStatus();
}

absl::StatusOr<std::string> DecompressFrame(std::string_view frame, std::size_t max_bytes) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::size_t size, FrameContentSize(frame, max_bytes));
  std::string plain(size, '\0');
  DEPCACHE_RETURN_IF_ERROR(DecompressFrame(frame, std::span<char>(plain)));
  return plain;
}

}  // namespace depcache
