// What may stand in a header field (RFC 9110 section 5), for HTTP/1.1 and HTTP/2 alike.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/http/message.h"

namespace atoll::http {

// A token: what RFC 9110 section 5.6.2 allows in names and methods.
bool IsToken(std::string_view s);
// No control characters but the tab: nothing that could end a field early and begin another.
bool IsFieldValue(std::string_view s);
// Fields about the connection, not the message; they never pass from one hop to the next (RFC 9113 section 8.2.2).
bool IsConnectionField(std::string_view lower_case_name);
// Whether one of the comma separated lists holds `token`, in any case.
bool HasListToken(const std::vector<std::string_view>& lists, std::string_view token);
// Fields whose values must not enter a compression context shared with other requests (RFC 7541 section 7.1).
bool IsSensitiveField(std::string_view lower_case_name);
// InvalidArgument, naming the field, for headers that must not be sent.
absl::Status CheckFields(const Headers& headers);
// A status whose answer has no body, whatever its headers say.
bool StatusHasNoBody(int status);

}  // namespace atoll::http
