// A JSON value: a small, ordered, mutable tree with value semantics.
//
// Objects keep insertion order and hold each key once. Integers keep 64-bit precision; anything else numeric is a
// double, printed as Go's encoding/json prints it, because that is what Kubernetes clients compare. Not thread-safe;
// copy is deep, move is cheap. A Value is 16 bytes; strings, arrays and objects live behind one pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/check.h"

namespace atoll::json {

class Value;
class Object;
using Array = std::vector<Value>;

class Value {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

  Value() : kind_(Kind::kNull) { u_.i = 0; }
  Value(std::nullptr_t) : Value() {}                                                     // NOLINT
  Value(bool b) : kind_(Kind::kBool) { u_.i = b; }                                       // NOLINT
  Value(int v) : kind_(Kind::kInt) { u_.i = v; }                                         // NOLINT
  Value(int64_t v) : kind_(Kind::kInt) { u_.i = v; }                                     // NOLINT
  Value(double v) : kind_(Kind::kDouble) { u_.d = v; }                                   // NOLINT
  Value(std::string v) : kind_(Kind::kString) { u_.s = new std::string(std::move(v)); }  // NOLINT
  Value(std::string_view v) : Value(std::string(v)) {}                                   // NOLINT
  Value(const char* v) : Value(std::string(v)) {}                                        // NOLINT
  Value(Array v);                                                                        // NOLINT
  Value(Object v);                                                                       // NOLINT
  Value(const Value& other) : kind_(Kind::kNull) { CopyFrom(other); }
  Value(Value&& other) noexcept : kind_(other.kind_), u_(other.u_) { other.kind_ = Kind::kNull; }
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(u_, other.u_);
    return *this;
  }
  ~Value() {
    if (kind_ >= Kind::kString) Destroy();
  }

  static Value MakeObject();
  static Value MakeArray() { return Value(Array()); }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_int() const { return kind_ == Kind::kInt; }
  bool is_double() const { return kind_ == Kind::kDouble; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kDouble; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // REQUIRES: the kind matches (checked in debug builds).
  bool bool_value() const {
    DCHECK(is_bool());
    return u_.i != 0;
  }
  int64_t int_value() const {
    DCHECK(is_int());
    return u_.i;
  }
  double number_value() const {
    DCHECK(is_number());
    return kind_ == Kind::kInt ? static_cast<double>(u_.i) : u_.d;
  }
  const std::string& string() const {
    DCHECK(is_string());
    return *u_.s;
  }
  std::string& string() {
    DCHECK(is_string());
    return *u_.s;
  }
  const Array& array() const {
    DCHECK(is_array());
    return *u_.a;
  }
  Array& array() {
    DCHECK(is_array());
    return *u_.a;
  }
  const Object& object() const {
    DCHECK(is_object());
    return *u_.o;
  }
  Object& object() {
    DCHECK(is_object());
    return *u_.o;
  }

  // Tolerant access: a member of an object, or nullptr when this is no object or has no such member.
  const Value* Find(std::string_view key) const;
  Value* Find(std::string_view key);
  // Walks members by name; nullptr when any step is missing.
  const Value* At(std::initializer_list<std::string_view> path) const;
  Value* At(std::initializer_list<std::string_view> path);
  // Walks members by name, creating objects on the way. What is no object there is replaced by one, because objects
  // come from clients and a wrong kind must not bring a server down; callers that care have checked types before.
  Value& Ensure(std::initializer_list<std::string_view> path);
  // Removes the last member of the path; true when it was there.
  bool Remove(std::initializer_list<std::string_view> path);
  // The string at `path`, or "" when it is missing or no string.
  std::string_view StringAt(std::initializer_list<std::string_view> path) const;
  std::string_view StringOr(std::string_view otherwise = "") const {
    return is_string() ? std::string_view(*u_.s) : otherwise;
  }
  int64_t IntAt(std::initializer_list<std::string_view> path, int64_t otherwise = 0) const;
  bool BoolAt(std::initializer_list<std::string_view> path, bool otherwise = false) const;

  // Deep equality as Kubernetes' semantic equality of JSON: member order does not matter, 1 == 1.0.
  friend bool operator==(const Value& a, const Value& b);

 private:
  void CopyFrom(const Value& other);
  void Destroy();

  Kind kind_;
  union {
    int64_t i;
    double d;
    std::string* s;
    Array* a;
    Object* o;
  } u_;
};

// Ordered map. Linear below 16 members, which is nearly always; larger ones are still linear but callers that build big
// maps append through Emplace without looking up. `Find` is what the hot path uses.
class Object {
 public:
  using Member = std::pair<std::string, Value>;
  using iterator = std::vector<Member>::iterator;
  using const_iterator = std::vector<Member>::const_iterator;

  Object() = default;
  Object(std::initializer_list<Member> members);

  Value* Find(std::string_view key);
  const Value* Find(std::string_view key) const;
  // The member, appended as null when absent.
  Value& operator[](std::string_view key);
  // Replaces or appends.
  Value& Set(std::string_view key, Value v);
  // Appends without looking for the key. REQUIRES: it is not there.
  Value& Append(std::string key, Value v);
  // Inserts at the front or replaces in place.
  Value& SetFirst(std::string_view key, Value v);
  bool Erase(std::string_view key);
  void SortByKey();

  size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }
  iterator begin() { return members_.begin(); }
  iterator end() { return members_.end(); }
  const_iterator begin() const { return members_.begin(); }
  const_iterator end() const { return members_.end(); }
  std::vector<Member>& members() { return members_; }

 private:
  std::vector<Member> members_;
};

inline Value Value::MakeObject() { return Value(Object()); }

}  // namespace atoll::json
