// Who owns what after a write: the rules of server-side apply (KEP-555) for updates and for applied configurations.
// Pure functions of objects without their managedFields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/apply/managers.h"
#include "common/apply/typed.h"
#include "common/json/value.h"

namespace atoll::apply {

// A write as ownership sees it.
struct Write {
  TypeView type;
  std::string_view manager, subresource;  // subresource: "" for the object itself
  std::string api_version;
  std::string now;                  // RFC 3339
  const FieldSet* reset = nullptr;  // what this door does not write, with all below; null: it writes all
};

// An update from `before` to `after`: what it changed or added is its manager's now and nobody else's; what it removed
// leaves everybody.
void RecordUpdate(const Write& write, const json::Value& before, const json::Value& after, Managers* managers);

struct Applied {
  bool changed = false;  // false: the object stays as it is (who owns it may have changed)
  // Not empty: nothing was applied, because these own what would have changed. Sorted; each with the contested fields.
  Managers conflicts;
};
// Applies `config` to `*object`: merges it in, removes what the manager applied before and no longer does (unless
// somebody else owns it), and makes its fields the manager's. With `force` conflicting fields leave their owners.
// REQUIRES: both validate, `config` without duplicates.
Applied ApplyConfig(const Write& write, const json::Value& config, bool force, json::Value* object, Managers* managers);

}  // namespace atoll::apply
