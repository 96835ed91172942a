// Names, label keys and values, and object metadata, with the texts of spec/api-machinery.md 2.1 to 2.6. Pure
// functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::api {

// What is wrong with a value, in Kubernetes' words; empty when nothing is.
using Messages = std::vector<std::string>;

Messages CheckDns1123Subdomain(std::string_view s);
Messages CheckDns1123Label(std::string_view s);
Messages CheckDns1035Label(std::string_view s);
Messages CheckPathSegmentName(std::string_view s);
// Label and annotation keys, finalizers: [prefix/]name.
Messages CheckQualifiedName(std::string_view s);
Messages CheckLabelValue(std::string_view s);

enum class NameRule : uint8_t { kDns1123Subdomain, kDns1123Label, kDns1035Label, kPathSegment };
// `is_prefix`: a generateName, which may end with a dash.
Messages CheckName(NameRule rule, std::string_view name, bool is_prefix = false);

struct MetaRules {
  NameRule name = NameRule::kDns1123Subdomain;
  bool namespaced = true;
};
// metadata of an object to be created, after its name was generated.
FieldErrors ValidateObjectMeta(const json::Value& object, const MetaRules& rules);
// metadata of `next` against the stored `previous`: what must not change, and what must be valid again.
FieldErrors ValidateObjectMetaUpdate(const json::Value& next, const json::Value& previous);

// A LabelSelector object at `path` of some object's spec.
FieldErrors ValidateLabelSelector(const json::Value& selector, std::string_view path);

}  // namespace atoll::api
