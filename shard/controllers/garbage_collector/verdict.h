// What is to become of an object whose owners are known to be there or not (spec/api-machinery.md 10.2). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/json/value.h"

namespace atoll::controllers {

enum class OwnerState : uint8_t {
  kSolid,    // there, and it does not wait for this object
  kAbsent,   // not there, or another object of the same name
  kWaiting,  // being deleted in foreground: it waits until its dependents are gone
};

struct Verdict {
  enum class Kind : uint8_t { kKeep, kDropReferences, kDelete };
  Kind kind = Kind::kKeep;
  std::vector<size_t> drop;  // kDropReferences: which of the references
  std::string propagation;   // kDelete
  // kDelete: an owner waits, and so do dependents of the object, perhaps for each other. The object's references stop
  // blocking before it is deleted, or a circle would wait for ever.
  bool unblock = false;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct DependentsOf {
  bool any = false, any_waiting = false;  // the object has dependents; one of them waits for its own
};

// `owners` are the states of the object's references in their order; none: it is nobody's and stays.
Verdict Judge(const std::vector<OwnerState>& owners, const json::Value& object, const DependentsOf& dependents);

}  // namespace atoll::controllers
