// Value: what an expression works on. 24 bytes, trivially copyable, never allocates by itself.
//
// Scalars are held; strings, bytes, lists and maps are views of input (json::Value), of a Program's constants, or of an
// Arena. A view of JSON carries the Type by which it is read, so members become timestamps, bytes or typed objects when
// they are looked at, not before. Errors are values: functions take and return them.
//
// Lifetime: as long as what it views. Thread-safety: as of what it views (input is read only).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/check.h"
#include "common/cel/arena.h"
#include "common/cel/type.h"
#include "common/json/value.h"

namespace atoll::cel {

class Value;

// A value of a type that CEL itself does not know: a quantity, an IP address, an authorizer. Immutable.
class Opaque {
 public:
  virtual ~Opaque() = default;
  virtual const Type* type() const = 0;
  virtual bool Equals(const Opaque& other) const { return this == &other; }
  // What size() would be, for costs; 1 when it has none.
  virtual uint64_t CostSize() const { return 1; }
};

// An object whose members are computed when they are asked for: `variables`. Implementations remember what they
// computed; a value they return must live as long as the evaluation.
class LazyObject {
 public:
  virtual ~LazyObject() = default;
  // kUnset when there is no such member.
  virtual Value Member(std::string_view name, Arena& arena) = 0;
};

class Value {
 public:
  enum class Kind : uint8_t {
    kUnset,  // no value: an activation's variable that is not bound
    kError,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kDuration,
    kTimestamp,
    kType,
    kList,
    kMap,
    kOptional,
    kOpaque,
  };

  Value() = default;
  static Value Null() { return Value(Kind::kNull); }
  static Value Bool(bool v) {
    Value out(Kind::kBool);
    out.u_.i = v;
    return out;
  }
  static Value Int(int64_t v) {
    Value out(Kind::kInt);
    out.u_.i = v;
    return out;
  }
  static Value Uint(uint64_t v) {
    Value out(Kind::kUint);
    out.u_.u = v;
    return out;
  }
  static Value Double(double v) {
    Value out(Kind::kDouble);
    out.u_.d = v;
    return out;
  }
  // Views of `s`.
  static Value String(std::string_view s) { return Text(Kind::kString, s); }
  static Value Bytes(std::string_view s) { return Text(Kind::kBytes, s); }
  static Value Duration(int64_t nanoseconds) {
    Value out(Kind::kDuration);
    out.u_.i = nanoseconds;
    return out;
  }
  static Value Timestamp(int64_t seconds, uint32_t nanoseconds) {
    Value out(Kind::kTimestamp);
    out.u_.i = seconds;
    out.n_ = nanoseconds;
    return out;
  }
  static Value TypeOf(const Type* type) {
    Value out(Kind::kType);
    out.type_ = type;
    return out;
  }
  static Value Of(const Opaque* object) {
    Value out(Kind::kOpaque);
    out.u_.opaque = object;
    return out;
  }
  static Value Of(LazyObject* object) {
    Value out(Kind::kMap, Rep::kLazy);
    out.u_.lazy = object;
    return out;
  }
  // `json` read by `type`; nullptr and dyn: as JSON has it (objects are maps of strings). A value that does not fit its
  // type is an error value, in Kubernetes' words.
  static Value Json(const json::Value& json, const Type* type, Arena& arena);
  static Value NoOptional() { return Value(Kind::kOptional); }
  static Value Optional(Value of, Arena& arena);
  // The message is copied. Programs see it as `message`.
  static Value Error(std::string_view message, Arena& arena);
  // `message` must be a literal.
  static Value StaticError(std::string_view message) { return Text(Kind::kError, message); }
  static Value NoSuchOverload() { return StaticError("no such overload"); }
  // A list of `size` values in the arena; the caller fills *items. An error value when memory is out.
  static Value List(size_t size, Value** items, Arena& arena);

  Kind kind() const { return kind_; }
  bool is_unset() const { return kind_ == Kind::kUnset; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_int() const { return kind_ == Kind::kInt; }
  bool is_uint() const { return kind_ == Kind::kUint; }
  bool is_double() const { return kind_ == Kind::kDouble; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kUint || kind_ == Kind::kDouble; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_bytes() const { return kind_ == Kind::kBytes; }
  bool is_duration() const { return kind_ == Kind::kDuration; }
  bool is_timestamp() const { return kind_ == Kind::kTimestamp; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_optional() const { return kind_ == Kind::kOptional; }
  bool is_opaque() const { return kind_ == Kind::kOpaque; }
  bool IsTrue() const { return kind_ == Kind::kBool && u_.i != 0; }
  bool IsFalse() const { return kind_ == Kind::kBool && u_.i == 0; }

  // REQUIRES: the kind matches.
  bool bool_value() const { return u_.i != 0; }
  int64_t int_value() const { return u_.i; }
  uint64_t uint_value() const { return u_.u; }
  double double_value() const { return u_.d; }
  std::string_view text() const { return {u_.s, n_}; }  // of strings, bytes and errors
  int64_t nanoseconds() const { return u_.i; }          // of durations
  int64_t seconds() const { return u_.i; }              // of timestamps, with
  uint32_t fraction() const { return n_; }              // nanoseconds
  const Type* type_value() const { return type_; }      // of types
  const Opaque& opaque() const { return *u_.opaque; }
  bool has_value() const { return u_.boxed != nullptr; }  // of optionals
  const Value& boxed() const { return *u_.boxed; }

  // Of lists and maps. Lists joined by `+` are not copied, so At() takes steps for each `+` in the expression.
  int64_t Size() const;
  Value At(int64_t i, Arena& arena) const;  // REQUIRES: a list, 0 <= i < Size()
  Value KeyAt(int64_t i) const;             // REQUIRES: a map that is not lazy, 0 <= i < Size()
  Value ValueAt(int64_t i, Arena& arena) const;
  // kUnset when there is none; an error value when the key is of a kind that maps do not have.
  Value Find(const Value& key, Arena& arena) const;
  Value FindMember(std::string_view name, Arena& arena) const;
  // The member `member`, read as `type`, of an object whose type is known: what FindMember of a struct's field is.
  Value FindField(const Field& field, Arena& arena) const;
  // Whether it is a view of JSON, and which.
  const json::Value* json() const { return rep_ == Rep::kJson ? u_.json : nullptr; }
  const Type* declared_type() const { return type_; }  // of lists and maps; may be nullptr

  // The type at run time: what `type(x)` gives.
  const Type* RuntimeType() const;

 private:
  friend class ListBuilder;
  friend class MapBuilder;
  friend Value Concatenate(const Value& a, const Value& b, Arena& arena);
  friend const struct MapData* MapDataOf(const Value& v);

  enum class Rep : uint8_t { kNone, kJson, kItems, kConcat, kEntries, kLazy };

  explicit Value(Kind kind, Rep rep = Rep::kNone) : kind_(kind), rep_(rep) {}
  static Value Text(Kind kind, std::string_view s) {
    Value out(kind);
    out.u_.s = s.data();
    out.n_ = static_cast<uint32_t>(s.size());
    return out;
  }

  Kind kind_ = Kind::kUnset;
  Rep rep_ = Rep::kNone;
  uint32_t n_ = 0;
  union {
    int64_t i;
    uint64_t u;
    double d;
    const char* s;
    const json::Value* json;
    const Opaque* opaque;
    LazyObject* lazy;
    const Value* boxed;
    const struct ListData* list;
    const struct ConcatData* concat;
    struct MapData* map;
  } u_ = {.i = 0};
  const Type* type_ = nullptr;
};
static_assert(sizeof(Value) == 24 && std::is_trivially_copyable_v<Value>);

// Grows a list in the arena, doubling.
class ListBuilder {
 public:
  explicit ListBuilder(Arena& arena, size_t reserve = 0);
  // Nothing once the arena is exhausted.
  void Add(const Value& v);
  size_t size() const { return size_; }
  Value& operator[](size_t i) { return items_[i]; }
  // With x-kubernetes-list-type semantics of `type`, when given.
  Value Build(const Type* type = nullptr);

 private:
  Arena& arena_;
  Value* items_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

// Grows a map in the arena: entries in order of insertion, found by hash.
class MapBuilder {
 public:
  explicit MapBuilder(Arena& arena);
  // Continues a map that a MapBuilder made and nobody else reads.
  MapBuilder(const Value& map, Arena& arena);
  // False when the key is there already; it keeps its value.
  bool Insert(const Value& key, const Value& value);
  // Replaces or inserts.
  void Set(const Value& key, const Value& value);
  void Erase(const Value& key);
  Value Build(const Type* type = nullptr);

 private:
  Arena& arena_;
  MapData* data_;
};

// CEL's equality: numbers across types, lists and maps by content, everything else by kind. NaN equals nothing.
bool Equal(const Value& a, const Value& b, Arena& arena);
// -1, 0, 1 as an int value, or an error value: `no such overload`, `NaN values cannot be ordered`.
Value Compare(const Value& a, const Value& b);
// For a map's keys: equal numbers hash alike.
uint64_t HashKey(const Value& v);
// Two lists as one, without copying; as sets or maps when the left one is of such a type. An error value beyond
// kListSizeMax elements.
Value Concatenate(const Value& a, const Value& b, Arena& arena);
inline constexpr int64_t kListSizeMax = 10'000'000;

// Code points, invalid bytes counting as one.
int64_t CodePoints(std::string_view s);
// Of strings in code points, of the rest in bytes, elements or entries; 1 for what has no size.
uint64_t CostSize(const Value& v);
// As error texts print a value (Go's %v of it).
std::string DebugString(const Value& v, Arena& arena);

}  // namespace atoll::cel
