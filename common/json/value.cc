#include "common/json/value.h"

#include <algorithm>

namespace atoll::json {
namespace {

// Above this many members equality sorts instead of searching, so that comparing two hostile maps stays n log n.
constexpr size_t kLinearMembersMax = 32;

std::vector<const Object::Member*> SortedMembers(const Object& o) {
  std::vector<const Object::Member*> sorted;
  sorted.reserve(o.size());
  for (const Object::Member& m : o) sorted.push_back(&m);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return sorted;
}

bool EqualObjects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  if (a.size() > kLinearMembersMax) {
    const std::vector<const Object::Member*> left = SortedMembers(a);
    const std::vector<const Object::Member*> right = SortedMembers(b);
    return std::equal(left.begin(), left.end(), right.begin(),
                      [](const auto* x, const auto* y) { return x->first == y->first && x->second == y->second; });
  }
  for (auto ia = a.begin(), ib = b.begin(); ia != a.end(); ++ia, ++ib) {
    if (ia->first == ib->first) {  // the usual case: same order
      if (!(ia->second == ib->second)) return false;
      continue;
    }
    const Value* other = b.Find(ia->first);
    if (other == nullptr || !(ia->second == *other)) return false;
  }
  return true;
}

}  // namespace

Object::Object(std::initializer_list<Member> members) {
  members_.reserve(members.size());
  for (const Member& m : members) Set(m.first, m.second);
}

const Value* Object::Find(std::string_view key) const {
  for (const Member& m : members_) {
    if (m.first == key) return &m.second;
  }
  return nullptr;
}

Value* Object::Find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).Find(key)); }

Value& Object::operator[](std::string_view key) {
  if (Value* v = Find(key)) return *v;
  return members_.emplace_back(std::string(key), Value()).second;
}

Value& Object::Set(std::string_view key, Value v) {
  if (Value* old = Find(key)) {
    *old = std::move(v);
    return *old;
  }
  return members_.emplace_back(std::string(key), std::move(v)).second;
}

Value& Object::Append(std::string key, Value v) { return members_.emplace_back(std::move(key), std::move(v)).second; }

Value& Object::SetFirst(std::string_view key, Value v) {
  if (Value* old = Find(key)) {
    *old = std::move(v);
    return *old;
  }
  return members_.insert(members_.begin(), Member(std::string(key), std::move(v)))->second;
}

bool Object::Erase(std::string_view key) {
  for (auto it = members_.begin(); it != members_.end(); ++it) {
    if (it->first == key) {
      members_.erase(it);
      return true;
    }
  }
  return false;
}

void Object::SortByKey() {
  std::sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) { return a.first < b.first; });
}

Value::Value(Array v) : kind_(Kind::kArray) { u_.a = new Array(std::move(v)); }
Value::Value(Object v) : kind_(Kind::kObject) { u_.o = new Object(std::move(v)); }

Value& Value::operator=(const Value& other) {
  Value copy(other);  // first, because `other` may live inside *this
  std::swap(kind_, copy.kind_);
  std::swap(u_, copy.u_);
  return *this;
}

void Value::CopyFrom(const Value& other) {
  switch (other.kind_) {
    case Kind::kString:
      u_.s = new std::string(*other.u_.s);
      break;
    case Kind::kArray:
      u_.a = new Array(*other.u_.a);
      break;
    case Kind::kObject:
      u_.o = new Object(*other.u_.o);
      break;
    default:
      u_ = other.u_;
  }
  kind_ = other.kind_;
}

void Value::Destroy() {
  switch (kind_) {
    case Kind::kString:
      delete u_.s;
      break;
    case Kind::kArray:
      delete u_.a;
      break;
    case Kind::kObject:
      delete u_.o;
      break;
    default:
      break;
  }
  kind_ = Kind::kNull;
}

const Value* Value::Find(std::string_view key) const { return is_object() ? std::as_const(*u_.o).Find(key) : nullptr; }
Value* Value::Find(std::string_view key) { return is_object() ? u_.o->Find(key) : nullptr; }

const Value* Value::At(std::initializer_list<std::string_view> path) const {
  const Value* v = this;
  for (std::string_view key : path) {
    v = v->Find(key);
    if (v == nullptr) return nullptr;
  }
  return v;
}

Value* Value::At(std::initializer_list<std::string_view> path) {
  return const_cast<Value*>(std::as_const(*this).At(path));
}

Value& Value::Ensure(std::initializer_list<std::string_view> path) {
  Value* v = this;
  for (std::string_view key : path) {
    if (!v->is_object()) *v = MakeObject();
    v = &v->object()[key];
  }
  return *v;
}

bool Value::Remove(std::initializer_list<std::string_view> path) {
  if (path.size() == 0) return false;
  Value* v = this;
  for (auto it = path.begin(); it + 1 != path.end(); ++it) {
    v = v->Find(*it);
    if (v == nullptr) return false;
  }
  return v->is_object() && v->object().Erase(*(path.end() - 1));
}

std::string_view Value::StringAt(std::initializer_list<std::string_view> path) const {
  const Value* v = At(path);
  return v == nullptr ? std::string_view() : v->StringOr();
}

int64_t Value::IntAt(std::initializer_list<std::string_view> path, int64_t otherwise) const {
  const Value* v = At(path);
  return v != nullptr && v->is_int() ? v->int_value() : otherwise;
}

bool Value::BoolAt(std::initializer_list<std::string_view> path, bool otherwise) const {
  const Value* v = At(path);
  return v != nullptr && v->is_bool() ? v->bool_value() : otherwise;
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return a.is_number() && b.is_number() && a.number_value() == b.number_value();
  switch (a.kind_) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
    case Value::Kind::kInt:
      return a.u_.i == b.u_.i;
    case Value::Kind::kDouble:
      return a.u_.d == b.u_.d;
    case Value::Kind::kString:
      return *a.u_.s == *b.u_.s;
    case Value::Kind::kArray:
      return *a.u_.a == *b.u_.a;
    case Value::Kind::kObject:
      return EqualObjects(*a.u_.o, *b.u_.o);
  }
  return false;
}

}  // namespace atoll::json
