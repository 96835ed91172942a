// Content negotiation: the Accept header to what is answered (spec/api-machinery.md 1.4). Pure.
//
// The server speaks JSON, YAML and, for kinds that have a message, protobuf. Clauses that it cannot satisfy (protobuf
// of custom resources, unknown conversions) are skipped, which is how clients degrade from a Table to the plain object.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/message.h"
#include "shard/endpoints/request_info.h"

namespace atoll::endpoints {

enum class Media : uint8_t { kJson, kYaml, kProtobuf };
enum class As : uint8_t { kObject, kTable, kPartialMetadata, kPartialMetadataList };

struct Representation {
  Media media = Media::kJson;
  As as = As::kObject;
  std::string meta_version = "v1";  // of meta.k8s.io, for the conversions
  bool pretty = false;
};

// Of an answer; a watch in protobuf says kProtobufWatch.
std::string_view ContentType(Media media);
// Of a clause; nullopt when the server does not speak it.
std::optional<Media> MediaOf(std::string_view type);
inline constexpr std::string_view kProtobufWatch = "application/vnd.kubernetes.protobuf;stream=watch";

// One clause of an Accept header.
struct AcceptClause {
  std::string type;  // lower case, without parameters
  std::vector<std::pair<std::string, std::string>> parameters;
  double q = 1;
  std::string_view Parameter(std::string_view name) const;
};
// By q, then in order. Empty when the header is missing or empty, which means anything will do. Bound: the first 64
// clauses.
std::vector<AcceptClause> ParseAccept(std::string_view accept);

struct Offer {
  bool typed = false;     // a compiled-in type (decides a text)
  bool stream = false;    // a watch: no YAML
  bool list = false;      // a collection, which could be watched (decides a text)
  bool protobuf = false;  // the plain object has a message; metadata alone always has
};
// Errors: NotAcceptable.
absl::StatusOr<Representation> Negotiate(const http::Headers& headers, const Query& query, const Offer& offer);
// The error when no clause fits: NotAcceptable.
absl::Status NothingFits(const std::vector<AcceptClause>& clauses, const Offer& offer);
// Whether an answer may be packed with gzip: the client names it, and not with a q of zero.
bool AcceptsGzip(const http::Headers& headers);
// For Status objects: never fails, JSON (indented) when nothing fits.
Representation NegotiateStatus(const http::Headers& headers, const Query& query);

}  // namespace atoll::endpoints
