// Type: the static type of an expression, as the checker sees it and as Kubernetes' error texts print it.
//
// Immutable once built; compared by structure. Types are made by a TypePool, which owns them; simple ones
// (`Type::Int()`) live for the process. A struct type lists its fields, each with the JSON member it reads, so one Type
// describes both what an expression may say and how the JSON behind it is read: no conversion of whole objects is ever
// needed.
//
// Thread-safety: const after construction; a TypePool belongs to one thread until it is shared as const.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace atoll::cel {

class Type;

struct Field {
  std::string name;    // in expressions (`x__dash__y`)
  std::string member;  // in JSON (`x-y`)
  const Type* type = nullptr;
};

// How lists of custom resources compare and join (x-kubernetes-list-type).
enum class ListKind : uint8_t { kAtomic, kSet, kMap };

class Type {
 public:
  enum class Kind : uint8_t {
    kDyn,
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
    kList,    // parameters: element
    kMap,     // parameters: key, value
    kType,    // parameters: the type it is the type of, or none
    kOpaque,  // named, with parameters: optional_type(T), net.IP, kubernetes.Quantity, ...
    kStruct,  // named, with fields
    kParam,   // a type variable
  };

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  const std::vector<const Type*>& parameters() const { return parameters_; }
  const Type* parameter(size_t i) const { return parameters_[i]; }
  // Of a wrapper (`google.protobuf.Int64Value`): the value or null.
  bool nullable() const { return nullable_; }
  // Of structs, sorted by name. nullptr when there is no such field.
  const Field* FindField(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }
  // Of lists of custom resources.
  ListKind list_kind() const { return list_kind_; }
  const std::vector<std::string>& list_map_keys() const { return list_map_keys_; }
  // JSON null is a value here, not an error. For values read from JSON by this type.
  bool accepts_null() const { return accepts_null_; }
  // Of type variables.
  uint32_t variable() const { return variable_; }

  bool is_dyn() const { return kind_ == Kind::kDyn; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool is_optional() const { return kind_ == Kind::kOpaque && name_ == "optional_type"; }
  // Same structure, nullability included.
  bool Equals(const Type& other) const;
  // As error texts have it: `list(int)`, `map(string, dyn)`, `wrapper(int)`, `optional_type(string)`.
  std::string ToString() const;
  // What `type(x)` prints for a value of this type: the name without parameters.
  const std::string& TypeName() const { return name_; }

  static const Type* Dyn();
  static const Type* Error();
  static const Type* Null();
  static const Type* Bool();
  static const Type* Int();
  static const Type* Uint();
  static const Type* Double();
  static const Type* String();
  static const Type* Bytes();
  static const Type* Duration();
  static const Type* Timestamp();
  static const Type* TypeType();  // of types, parameter unknown
  static const Type* ListOfDyn();
  static const Type* MapOfDyn();  // map(string, dyn)
  static const Type* OptionalOfDyn();
  // A named type without parameters that lives as long as the process; `name` must be a literal. Same name, same
  // pointer.
  static const Type* Named(std::string_view name);
  // A wrapper of a primitive.
  static const Type* Wrapper(Kind primitive);

 private:
  friend class TypePool;
  Type() = default;
  Type(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}

  Kind kind_ = Kind::kDyn;
  bool nullable_ = false, accepts_null_ = false;
  ListKind list_kind_ = ListKind::kAtomic;
  uint32_t variable_ = 0;
  std::string name_;
  std::vector<const Type*> parameters_;
  std::vector<Field> fields_;
  std::vector<std::string> list_map_keys_;
};

// Owns types. Parameters may come from another pool that lives at least as long.
class TypePool {
 public:
  TypePool() = default;
  TypePool(const TypePool&) = delete;
  TypePool& operator=(const TypePool&) = delete;

  const Type* List(const Type* element);
  const Type* List(const Type* element, ListKind kind, std::vector<std::string> map_keys);
  const Type* Map(const Type* key, const Type* value);
  const Type* TypeOf(const Type* type);
  const Type* Optional(const Type* type);
  const Type* Opaque(std::string name, std::vector<const Type*> parameters);
  const Type* Struct(std::string name, std::vector<Field> fields);
  // A struct whose fields are given later, for recursive types.
  const Type* DeclareStruct(std::string name);
  void DefineStruct(const Type* declared, std::vector<Field> fields);
  const Type* Param(std::string name, uint32_t variable);
  // The same type, reading JSON null as null.
  const Type* AcceptingNull(const Type* type);

 private:
  Type* Make(Type::Kind kind, std::string name);

  std::deque<Type> types_;
};

}  // namespace atoll::cel
