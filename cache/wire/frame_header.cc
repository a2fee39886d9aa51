#include "cache/wire/frame_header.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include "depcache/v1/blob_service.pb.h"

namespace depcache {
namespace {

using google::protobuf::internal::WireFormatLite;

void PutVarintField(google::protobuf::io::CodedOutputStream& out, int field, std::uint32_t value) {
  if (value == 0) return;  // proto3: the default is not written
  out.WriteTag(WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT));
  out.WriteVarint32(value);
}

void PutLengthField(google::protobuf::io::CodedOutputStream& out, int field, std::size_t length) {
  out.WriteTag(WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  out.WriteVarint32(static_cast<std::uint32_t>(length));
}

}  // namespace

std::string FrameHeader(std::uint32_t position, absl::StatusCode status, std::uint32_t plain_bytes,
                        std::size_t frame_bytes) {
  std::string fields;
  {
    google::protobuf::io::StringOutputStream stream(&fields);
    google::protobuf::io::CodedOutputStream out(&stream);
    PutVarintField(out, v1::BlobFrame::kPositionFieldNumber, position);
    PutVarintField(out, v1::BlobFrame::kStatusFieldNumber, static_cast<std::uint32_t>(status));
    PutVarintField(out, v1::BlobFrame::kPlainBytesFieldNumber, plain_bytes);
    if (frame_bytes > 0) PutLengthField(out, v1::BlobFrame::kFrameFieldNumber, frame_bytes);
  }
  std::string header;
  {
    google::protobuf::io::StringOutputStream stream(&header);
    google::protobuf::io::CodedOutputStream out(&stream);
    PutLengthField(out, v1::ReadBlobsResponse::kBlobsFieldNumber, fields.size() + frame_bytes);
    out.WriteString(fields);
  }
  return header;
}

}  // namespace depcache
