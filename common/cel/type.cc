#include "common/cel/type.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/base/strings.h"

namespace atoll::cel {
namespace {

struct Simple {
  TypePool pool;
  absl::Mutex mutex;
  std::map<std::string, const Type*, std::less<>> named ABSL_GUARDED_BY(mutex);
};

Simple& Process() {
  static Simple* simple = new Simple;  // never destroyed: programs of static storage may outlive it
  return *simple;
}

}  // namespace

const Field* Type::FindField(std::string_view name) const {
  const auto at = std::lower_bound(fields_.begin(), fields_.end(), name,
                                   [](const Field& f, std::string_view n) { return f.name < n; });
  return at != fields_.end() && at->name == name ? &*at : nullptr;
}

bool Type::Equals(const Type& other) const {
  if (this == &other) return true;
  if (kind_ != other.kind_ || nullable_ != other.nullable_ || name_ != other.name_ ||
      parameters_.size() != other.parameters_.size() || variable_ != other.variable_) {
    return false;
  }
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i]->Equals(*other.parameters_[i])) return false;
  }
  return true;
}

std::string Type::ToString() const {
  if (kind_ == Kind::kError) return "!error!";
  if (kind_ == Kind::kNull) return "null";
  if (kind_ == Kind::kDuration) return "duration";
  if (kind_ == Kind::kTimestamp) return "timestamp";
  if (nullable_) return StrCat("wrapper(", name_, ")");
  if (parameters_.empty()) return name_;
  std::string out = StrCat(name_, "(");
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (i > 0) out += ", ";
    out += parameters_[i]->ToString();
  }
  return out + ")";
}

#define ATOLL_CEL_SIMPLE(Function, kKind, text)            \
  const Type* Type::Function() {                           \
    static const Type* type = new Type(Kind::kKind, text); \
    return type;                                           \
  }
ATOLL_CEL_SIMPLE(Dyn, kDyn, "dyn")
ATOLL_CEL_SIMPLE(Error, kError, "*error*")
ATOLL_CEL_SIMPLE(Null, kNull, "null_type")
ATOLL_CEL_SIMPLE(Bool, kBool, "bool")
ATOLL_CEL_SIMPLE(Int, kInt, "int")
ATOLL_CEL_SIMPLE(Uint, kUint, "uint")
ATOLL_CEL_SIMPLE(Double, kDouble, "double")
ATOLL_CEL_SIMPLE(String, kString, "string")
ATOLL_CEL_SIMPLE(Bytes, kBytes, "bytes")
ATOLL_CEL_SIMPLE(Duration, kDuration, "google.protobuf.Duration")
ATOLL_CEL_SIMPLE(Timestamp, kTimestamp, "google.protobuf.Timestamp")
ATOLL_CEL_SIMPLE(TypeType, kType, "type")
#undef ATOLL_CEL_SIMPLE

const Type* Type::ListOfDyn() {
  static const Type* type = Process().pool.List(Dyn());
  return type;
}
const Type* Type::MapOfDyn() {
  static const Type* type = Process().pool.Map(String(), Dyn());
  return type;
}
const Type* Type::OptionalOfDyn() {
  static const Type* type = Process().pool.Optional(Dyn());
  return type;
}

const Type* Type::Named(std::string_view name) {
  Simple& process = Process();
  absl::MutexLock lock(&process.mutex);
  const auto at = process.named.find(name);
  if (at != process.named.end()) return at->second;
  const Type* type = process.pool.Opaque(std::string(name), {});
  process.named.emplace(std::string(name), type);
  return type;
}

const Type* Type::Wrapper(Kind primitive) {
  const auto make = [](const Type* of) {
    Type* type = new Type(of->kind_, of->name_);
    type->nullable_ = true;
    return type;
  };
  static const Type *b = make(Bool()), *i = make(Int()), *u = make(Uint()), *d = make(Double()), *s = make(String()),
                    *y = make(Bytes());
  switch (primitive) {
    case Kind::kBool:
      return b;
    case Kind::kInt:
      return i;
    case Kind::kUint:
      return u;
    case Kind::kDouble:
      return d;
    case Kind::kString:
      return s;
    case Kind::kBytes:
      return y;
    default:
      return Dyn();
  }
}

Type* TypePool::Make(Type::Kind kind, std::string name) {
  types_.push_back(Type(kind, std::move(name)));
  return &types_.back();
}

const Type* TypePool::List(const Type* element) {
  Type* type = Make(Type::Kind::kList, "list");
  type->parameters_ = {element};
  return type;
}

const Type* TypePool::List(const Type* element, ListKind kind, std::vector<std::string> map_keys) {
  Type* type = Make(Type::Kind::kList, "list");
  type->parameters_ = {element};
  type->list_kind_ = kind;
  type->list_map_keys_ = std::move(map_keys);
  return type;
}

const Type* TypePool::Map(const Type* key, const Type* value) {
  Type* type = Make(Type::Kind::kMap, "map");
  type->parameters_ = {key, value};
  return type;
}

const Type* TypePool::TypeOf(const Type* of) {
  Type* type = Make(Type::Kind::kType, "type");
  type->parameters_ = {of};
  return type;
}

const Type* TypePool::Optional(const Type* of) { return Opaque("optional_type", {of}); }

const Type* TypePool::Opaque(std::string name, std::vector<const Type*> parameters) {
  Type* type = Make(Type::Kind::kOpaque, std::move(name));
  type->parameters_ = std::move(parameters);
  return type;
}

const Type* TypePool::Struct(std::string name, std::vector<Field> fields) {
  const Type* type = DeclareStruct(std::move(name));
  DefineStruct(type, std::move(fields));
  return type;
}

const Type* TypePool::DeclareStruct(std::string name) { return Make(Type::Kind::kStruct, std::move(name)); }

void TypePool::DefineStruct(const Type* declared, std::vector<Field> fields) {
  DCHECK(declared->kind() == Type::Kind::kStruct && declared->fields_.empty());
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
  const_cast<Type*>(declared)->fields_ = std::move(fields);
}

const Type* TypePool::Param(std::string name, uint32_t variable) {
  Type* type = Make(Type::Kind::kParam, std::move(name));
  type->variable_ = variable;
  return type;
}

const Type* TypePool::AcceptingNull(const Type* of) {
  types_.push_back(*of);
  types_.back().accepts_null_ = true;
  return &types_.back();
}

}  // namespace atoll::cel
