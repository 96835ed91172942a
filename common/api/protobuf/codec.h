// Kubernetes protobuf to json::Value and back (spec/api-machinery.md 1.3, 4.1). Pure functions.
//
// An object travels in an envelope: the bytes `k8s\0` and a message that names its type. A watch event is a frame of
// its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/gvr.h"
#include "common/api/protobuf/message.h"
#include "common/json/value.h"

namespace atoll::api::protobuf {

inline constexpr std::string_view kMediaType = "application/vnd.kubernetes.protobuf";

// The message of a kind; null when there is none: custom resources and kinds that only JSON clients use.
const Message* FindMessage(const Gvk& gvk);
// DeleteOptions, which clients send with the group and version of what they delete.
const Message& DeleteOptionsMessage();

// Views into the body.
struct Envelope {
  std::string_view api_version, kind;
  std::string_view raw;  // the object
};
// Errors: InvalidArgument with Kubernetes' words when this is no envelope, or has content that is encoded in another
// way.
absl::StatusOr<Envelope> OpenEnvelope(std::string_view body);

// An object without kind and apiVersion, as its JSON would be. Fields that the table does not have are skipped. The
// last one of repeated single fields counts, and the last one of equal map keys; maps come out sorted by key. Strings
// that are not UTF-8 get U+FFFD as in Go's JSON. Time is bounded by the length of `bytes` (n log n), depth by the
// table. Errors: InvalidArgument: truncated, a field of another wire type, a time out of range, text that should be
// JSON and is not.
absl::StatusOr<json::Value> DecodeMessage(const Message& message, std::string_view bytes);

// `json`: an object as this server writes it. Members that the table does not have, or that are of another type than it
// says, are left out.
void AppendMessage(const Message& message, std::string_view json, std::string* out);

// An object, a list (`<Kind>List` of a known kind) or a Status in its envelope, by its own kind and apiVersion; nullopt
// when there is no message for it. `json` is as above.
std::optional<std::string> EncodeObject(std::string_view json);
// True when EncodeObject knows objects of this kind, and thus their lists.
inline bool CanEncode(const Gvk& gvk) { return FindMessage(gvk) != nullptr; }

// A list that is encoded item by item, because it may be long. Its length stands in front of it, so it is whole before
// it leaves; it is kept in pieces, because one string would be copied each time it grows, and once more behind its
// head.
class ListEncoder {
 public:
  explicit ListEncoder(const Message& item) : item_(item) {}
  // The JSON of one item.
  void Add(std::string_view json);
  // The list in its envelope, in order; `metadata` is JSON, too. Nothing may be added afterwards.
  std::vector<std::string> Finish(std::string_view api_version, std::string_view kind, std::string_view metadata);

 private:
  static constexpr size_t kPieceBytes = 128 * 1024;  // a piece is at most this and one item

  const Message& item_;
  std::vector<std::string> pieces_;
  size_t bytes_ = 0;  // of all but the last piece
};

// One frame of a watch: four bytes of length, and the event. `object` is in its envelope.
std::string WatchFrame(std::string_view type, std::string_view object);

}  // namespace atoll::api::protobuf
