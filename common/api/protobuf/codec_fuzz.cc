// Protobuf: whatever opens and decodes is written, and what is written decodes to the same.
#include <cstdint>

#include "common/api/protobuf/codec.h"
#include "common/base/check.h"
#include "common/json/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::api::protobuf;  // NOLINT
  const absl::StatusOr<Envelope> envelope = OpenEnvelope({reinterpret_cast<const char*>(data), size});
  if (!envelope.ok()) return 0;
  const std::string_view api_version = envelope->api_version;
  const size_t slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const Message* message =
      FindMessage({core ? std::string() : std::string(api_version.substr(0, slash)),
                   std::string(core ? api_version : api_version.substr(slash + 1)), std::string(envelope->kind)});
  if (message == nullptr) message = &DeleteOptionsMessage();
  const absl::StatusOr<atoll::json::Value> decoded = DecodeMessage(*message, envelope->raw);
  if (!decoded.ok()) return 0;
  std::string written;
  AppendMessage(*message, atoll::json::Write(*decoded), &written);
  const absl::StatusOr<atoll::json::Value> again = DecodeMessage(*message, written);
  CHECK_OK(again);
  std::string rewritten;
  AppendMessage(*message, atoll::json::Write(*again), &rewritten);
  CHECK(written == rewritten);
  return 0;
}
