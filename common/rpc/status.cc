#include "common/rpc/status.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/status.h>

#include <string>

#include "common/base/strings.h"

namespace atoll::rpc {
namespace {

using google::protobuf::Any;
using google::protobuf::internal::WireFormatLite;
namespace io = google::protobuf::io;

// What goes over the limit on headers would lose the whole status: details of this size are base64 of 54 KiB, a message
// of this size is at most 6 KiB when every byte of it is escaped.
constexpr size_t kDetailsBytesMax = 40 << 10;
constexpr size_t kMessageBytesMax = 2 << 10;
static_assert(kDetailsBytesMax * 4 / 3 + kMessageBytesMax * 3 < kHeaderBytesMax);

// google/rpc/status.proto: int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3. The message is
// left out, as it travels beside.
constexpr int kCodeField = 1;
constexpr int kDetailsField = 3;

std::string EncodeDetails(const absl::Status& status) {
  std::string out;
  bool any = false;
  {
    io::StringOutputStream stream(&out);
    io::CodedOutputStream coded(&stream);
    WireFormatLite::WriteInt32(kCodeField, static_cast<int>(status.code()), &coded);
    status.ForEachPayload([&](absl::string_view url, const absl::Cord& bytes) {
      Any detail;
      detail.set_type_url(std::string(ToStd(url)));
      detail.set_value(std::string(bytes));
      WireFormatLite::WriteBytes(kDetailsField, detail.SerializeAsString(), &coded);
      any = true;
    });
  }
  if (!any || out.size() > kDetailsBytesMax) return {};
  return out;
}

void DecodeDetails(const std::string& encoded, absl::Status* status) {
  io::CodedInputStream coded(reinterpret_cast<const uint8_t*>(encoded.data()), static_cast<int>(encoded.size()));
  while (uint32_t tag = coded.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) != kDetailsField) {
      if (!WireFormatLite::SkipField(&coded, tag)) return;
      continue;
    }
    std::string bytes;
    Any detail;
    if (!WireFormatLite::ReadBytes(&coded, &bytes) || !detail.ParseFromString(bytes)) return;
    status->SetPayload(ToAbsl(detail.type_url()), absl::Cord(ToAbsl(detail.value())));
  }
}

}  // namespace

// Both sides number the canonical codes alike.
grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(ToStd(status.message().substr(0, kMessageBytesMax))), EncodeDetails(status));
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  DecodeDetails(status.error_details(), &out);
  return out;
}

}  // namespace atoll::rpc
