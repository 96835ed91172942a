// TypeView: a schema node as ownership and merging see it: what is one value, what is merged member by member, and what
// tells the items of a list apart.
//
// Objects are granular unless their map type says atomic; lists are atomic unless they are sets or maps by key. Where
// there is no schema (or it says nothing) the type is deduced from the value: objects granular, lists atomic. A view is
// two words; it lives as long as the schema it was made from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/schema/schema.h"

namespace atoll::apply {

enum class Shape : uint8_t { kMap, kScalar, kList };

class TypeView {
 public:
  struct MemberType;

  TypeView() = default;  // deduced
  explicit TypeView(const schema::Schema* node, bool open = false);

  // How a value is treated: what the schema says or, where it leaves that open, what the value is (null: as a map).
  Shape ShapeOf(const json::Value& value) const;
  bool AtomicMap() const { return node_ != nullptr && node_->atomic_map; }
  // A member of an object. `declared`: a field of the type, not an entry of a map. `known`: it may be there at all.
  MemberType Member(std::string_view name) const;
  bool AtomicList() const { return node_ == nullptr || node_->list_type == schema::ListType::kAtomic; }
  // The schema says that this is a list, and one value.
  bool DeclaredAtomicList() const { return node_ != nullptr && node_->type == schema::Type::kArray && AtomicList(); }
  // Items of lists; what makes the element's path: a key or the value itself. Errors: InvalidArgument with
  // structured-merge-diff's words. REQUIRES: !AtomicList().
  TypeView Item() const;
  absl::StatusOr<std::string> ItemElement(const json::Value& item) const;
  // "" or why `value` is no scalar of this type, with structured-merge-diff's words.
  std::string ScalarMismatch(const json::Value& value) const;

 private:
  const schema::Schema* node_ = nullptr;
  bool open_ = false;  // unknown members are allowed here and below
};

struct TypeView::MemberType {
  TypeView type;
  bool declared = false, known = false;
};

// Go's `%v` of what Kubernetes decodes JSON into: `map[a:b]`, `[a b]`, `<nil>`.
std::string PrintGo(const json::Value& v);

// The members of an object by name. Objects of custom resources and maps are sorted already.
class SortedMembers {
 public:
  explicit SortedMembers(const json::Value* object);
  size_t size() const { return members_.size(); }
  const json::Object::Member& operator[](size_t i) const { return *members_[i]; }

 private:
  std::vector<const json::Object::Member*> members_;
};

}  // namespace atoll::apply
