// Authorizer: what `authorizer` in an admission expression asks. The caller implements it for the user of a request.
#pragma once

#include <string>
#include <string_view>

#include "common/cel/value.h"

namespace atoll::cel {

// One question. Of a path, or of a resource.
struct AuthorizerQuery {
  std::string service_account_namespace, service_account;  // empty: the user of the request
  std::string verb;
  std::string path;  // when not empty, the rest is
  std::string group, resource, subresource, namespace_name, name;
  std::string field_selector, label_selector;
};

struct AuthorizerDecision {
  bool allowed = false;
  std::string reason;
  std::string error;  // empty when there was none
};

// Called from an evaluation, on its thread; must not block for long. A question costs a third of what an expression
// may.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual AuthorizerDecision Check(const AuthorizerQuery& query) = 0;
};

// The types of the variables `authorizer` and `authorizer.requestResource`.
const Type* AuthorizerType();
const Type* ResourceCheckType();
// Values for them. *authorizer must outlive the evaluation.
Value AuthorizerValue(Authorizer* authorizer, Arena& arena);
Value ResourceCheckValue(Authorizer* authorizer, AuthorizerQuery resource, Arena& arena);

}  // namespace atoll::cel
