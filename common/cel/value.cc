#include "common/cel/value.h"

#include <cmath>
#include <cstring>

#include "absl/strings/escaping.h"
#include "common/base/strings.h"
#include "common/cel/time.h"
#include "common/cel/value_data.h"
#include "common/json/utf8.h"
#include "common/json/write.h"

namespace atoll::cel {
namespace {

Value OutOfMemory() { return Value::StaticError("operation cancelled: evaluation memory limit exceeded"); }

std::string_view KindInGo(const json::Value& v) {
  switch (v.kind()) {
    case json::Value::Kind::kBool:
      return "bool";
    case json::Value::Kind::kInt:
      return "int64";
    case json::Value::Kind::kDouble:
      return "float64";
    case json::Value::Kind::kString:
      return "string";
    case json::Value::Kind::kArray:
      return "[]interface {}";
    case json::Value::Kind::kObject:
      return "map[string]interface {}";
    case json::Value::Kind::kNull:
      return "<nil>";
  }
  return "";
}

// Objects of the API are small, and searched from end to end. What is larger than this gets an index in the arena when
// it is first asked: a rule that looks up every key of a large map must not take the square of its size.
constexpr size_t kSearchedMax = 64;

const json::Value* FindInObject(const json::Object& object, std::string_view name, Arena& arena) {
  if (object.size() <= kSearchedMax) return object.Find(name);
  const uint32_t* index = arena.FindIndex(&object);
  uint32_t size = 1;
  while (size < 2 * object.size()) size *= 2;
  const std::hash<std::string_view> hash;
  if (index == nullptr) {
    uint32_t* made = arena.MakeArray<uint32_t>(size);
    if (made == nullptr) return object.Find(name);
    std::memset(made, 0, sizeof(uint32_t) * size);
    for (uint32_t i = 0; i < object.size(); ++i) {
      size_t at = hash((object.begin() + i)->first);
      while (made[at & (size - 1)] != 0) ++at;
      made[at & (size - 1)] = i + 1;
    }
    arena.KeepIndex(&object, made);
    index = made;
  }
  for (size_t at = hash(name);; ++at) {
    const uint32_t entry = index[at & (size - 1)];
    if (entry == 0) return nullptr;
    const auto& member = *(object.begin() + (entry - 1));
    if (member.first == name) return &member.second;
  }
}

bool SameKey(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return a.text() == b.text();
  if (a.is_string() || b.is_string()) return false;
  if (a.is_bool() && b.is_bool()) return a.bool_value() == b.bool_value();
  if (a.is_number() && b.is_number()) return Compare(a, b).is_int() && Compare(a, b).int_value() == 0;
  return false;
}

}  // namespace

int64_t MapData::Find(const Value& key) const {
  if (index == nullptr) {
    for (uint32_t i = 0; i < size; ++i) {
      if (SameKey(keys[i], key)) return i;
    }
    return -1;
  }
  for (uint64_t at = HashKey(key);; ++at) {
    const uint32_t entry = index[at & (index_size - 1)];
    if (entry == 0) return -1;
    if (SameKey(keys[entry - 1], key)) return entry - 1;
  }
}

uint64_t HashKey(const Value& v) {
  const auto mix = [](uint64_t h) {
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15ull;
    return h ^ (h >> 29);
  };
  switch (v.kind()) {
    case Value::Kind::kString:
      return mix(std::hash<std::string_view>()(v.text()));
    case Value::Kind::kBool:
      return mix(v.bool_value() ? 3 : 5);
    case Value::Kind::kInt:
      return mix(std::hash<double>()(static_cast<double>(v.int_value())));
    case Value::Kind::kUint:
      return mix(std::hash<double>()(static_cast<double>(v.uint_value())));
    case Value::Kind::kDouble:
      return mix(std::hash<double>()(v.double_value()));
    default:
      return 0;
  }
}

Value Value::Json(const json::Value& json, const Type* type, Arena& arena) {
  using JsonKind = json::Value::Kind;
  const auto view = [&](Kind kind) {
    Value out(kind, Rep::kJson);
    out.u_.json = &json;
    out.type_ = type;
    return out;
  };
  if (type == nullptr || type->is_dyn()) {
    switch (json.kind()) {
      case JsonKind::kNull:
        return Null();
      case JsonKind::kBool:
        return Bool(json.bool_value());
      case JsonKind::kInt:
        return Int(json.int_value());
      case JsonKind::kDouble:
        return Double(json.number_value());
      case JsonKind::kString:
        return String(json.string());
      case JsonKind::kArray:
        return view(Kind::kList);
      case JsonKind::kObject:
        return view(Kind::kMap);
    }
  }
  if (json.is_null()) {
    if (type->accepts_null() || type->nullable() || type->kind() == Type::Kind::kNull) return Null();
    return StaticError("invalid data, got null for schema with nullable=false");
  }
  const auto mismatch = [&](std::string_view wanted) {
    return Error(StrCat("invalid data, expected ", wanted, ", got ", KindInGo(json)), arena);
  };
  switch (type->kind()) {
    case Type::Kind::kBool:
      return json.is_bool() ? Bool(json.bool_value()) : mismatch("bool");
    case Type::Kind::kInt:
      return json.is_int() ? Int(json.int_value()) : mismatch("int");
    case Type::Kind::kUint:
      return json.is_int() && json.int_value() >= 0 ? Uint(static_cast<uint64_t>(json.int_value())) : mismatch("uint");
    case Type::Kind::kDouble:
      return json.is_number() ? Double(json.number_value()) : mismatch("float");
    case Type::Kind::kString:
      return json.is_string() ? String(json.string()) : mismatch("string");
    case Type::Kind::kBytes: {
      if (!json.is_string()) return mismatch("string");
      std::string decoded;
      if (!absl::Base64Unescape(ToAbsl(json.string()), &decoded)) {
        return Error(StrCat("Invalid byte formatted string ", json.string()), arena);
      }
      return Bytes(arena.Copy(decoded));
    }
    case Type::Kind::kDuration: {
      if (!json.is_string()) return mismatch("string");
      int64_t nanoseconds;
      if (!ParseDuration(json.string(), &nanoseconds)) {
        return Error(StrCat("Invalid duration ", json.string()), arena);
      }
      return Duration(nanoseconds);
    }
    case Type::Kind::kTimestamp: {
      if (!json.is_string()) return mismatch("string");
      TimePoint time;
      if (!ParseTimestamp(json.string(), &time) && !ParseDate(json.string(), &time)) {
        return Error(StrCat("Invalid date-time formatted string ", json.string()), arena);
      }
      return Timestamp(time.seconds, time.nanoseconds);
    }
    case Type::Kind::kList:
      if (json.is_array()) return view(Kind::kList);
      return StaticError("invalid data, expected an array for the provided schema with type=array");
    case Type::Kind::kMap:
    case Type::Kind::kStruct:
      if (json.is_object()) return view(Kind::kMap);
      return StaticError("invalid data, expected a map for the provided schema with type=object");
    default:
      return Json(json, nullptr, arena);
  }
}

Value Value::Optional(Value of, Arena& arena) {
  Value out(Kind::kOptional);
  out.u_.boxed = arena.Make<Value>(of);
  return out.u_.boxed == nullptr ? OutOfMemory() : out;
}

Value Value::Error(std::string_view message, Arena& arena) { return Text(Kind::kError, arena.Copy(message)); }

Value Value::List(size_t size, Value** items, Arena& arena) {
  Value out(Kind::kList, Rep::kItems);
  *items = arena.MakeArray<Value>(size);
  ListData* data = *items == nullptr ? nullptr : arena.Make<ListData>(*items, static_cast<int64_t>(size));
  if (data == nullptr) return OutOfMemory();
  for (size_t i = 0; i < size; ++i) (*items)[i] = Value();
  out.u_.list = data;
  return out;
}

int64_t Value::Size() const {
  switch (rep_) {
    case Rep::kJson:
      return static_cast<int64_t>(is_list() ? u_.json->array().size() : u_.json->object().size());
    case Rep::kItems:
      return u_.list->size;
    case Rep::kConcat:
      return u_.concat->size;
    case Rep::kEntries:
      return u_.map->size;
    case Rep::kLazy:
    case Rep::kNone:
      return 0;
  }
  return 0;
}

Value Value::At(int64_t i, Arena& arena) const {
  const Value* list = this;
  while (list->rep_ == Rep::kConcat) {
    const int64_t left = list->u_.concat->left.Size();
    if (i < left) {
      list = &list->u_.concat->left;
    } else {
      i -= left;
      list = &list->u_.concat->right;
    }
  }
  if (list->rep_ == Rep::kItems) return list->u_.list->items[i];
  const Type* type = list->type_;
  return Json(list->u_.json->array()[static_cast<size_t>(i)],
              type != nullptr && type->kind() == Type::Kind::kList ? type->parameter(0) : nullptr, arena);
}

Value Value::KeyAt(int64_t i) const {
  if (rep_ == Rep::kEntries) return u_.map->keys[i];
  const std::string& member = (u_.json->object().begin() + i)->first;
  if (type_ != nullptr && type_->kind() == Type::Kind::kStruct) {
    for (const Field& f : type_->fields()) {
      if (f.member == member) return String(f.name);
    }
  }
  return String(member);
}

Value Value::ValueAt(int64_t i, Arena& arena) const {
  if (rep_ == Rep::kEntries) return u_.map->values[i];
  const auto& member = *(u_.json->object().begin() + i);
  if (type_ == nullptr) return Json(member.second, nullptr, arena);
  if (type_->kind() == Type::Kind::kMap) return Json(member.second, type_->parameter(1), arena);
  for (const Field& f : type_->fields()) {
    if (f.member == member.first) return Json(member.second, f.type, arena);
  }
  return Json(member.second, nullptr, arena);
}

Value Value::FindField(const Field& field, Arena& arena) const {
  if (rep_ == Rep::kJson) {
    const json::Value* member = FindInObject(u_.json->object(), field.member, arena);
    // An object's member that is null counts as absent.
    if (member == nullptr || member->is_null()) return Value();
    return Json(*member, field.type, arena);
  }
  return FindMember(field.name, arena);
}

Value Value::FindMember(std::string_view name, Arena& arena) const {
  switch (rep_) {
    case Rep::kJson: {
      if (type_ != nullptr && type_->kind() == Type::Kind::kStruct) {
        const Field* field = type_->FindField(name);
        return field == nullptr ? Value() : FindField(*field, arena);
      }
      const json::Value* member = FindInObject(u_.json->object(), name, arena);
      if (member == nullptr) return Value();
      return Json(*member, type_ != nullptr && type_->kind() == Type::Kind::kMap ? type_->parameter(1) : nullptr,
                  arena);
    }
    case Rep::kEntries: {
      const int64_t at = u_.map->Find(String(name));
      return at < 0 ? Value() : u_.map->values[at];
    }
    case Rep::kLazy:
      return u_.lazy->Member(name, arena);
    default:
      return Value();
  }
}

Value Value::Find(const Value& key, Arena& arena) const {
  if (key.is_string()) return FindMember(key.text(), arena);
  if (rep_ == Rep::kEntries) {
    if (key.is_bool() || key.is_number()) {
      const int64_t at = u_.map->Find(key);
      return at < 0 ? Value() : u_.map->values[at];
    }
    return Error(StrCat("unsupported key type: ", key.RuntimeType()->TypeName()), arena);
  }
  if (key.is_bool() || key.is_number()) return Value();
  return NoSuchOverload();
}

const Type* Value::RuntimeType() const {
  switch (kind_) {
    case Kind::kUnset:
    case Kind::kError:
      return Type::Error();
    case Kind::kNull:
      return Type::Null();
    case Kind::kBool:
      return Type::Bool();
    case Kind::kInt:
      return Type::Int();
    case Kind::kUint:
      return Type::Uint();
    case Kind::kDouble:
      return Type::Double();
    case Kind::kString:
      return Type::String();
    case Kind::kBytes:
      return Type::Bytes();
    case Kind::kDuration:
      return Type::Duration();
    case Kind::kTimestamp:
      return Type::Timestamp();
    case Kind::kType:
      return Type::TypeType();
    case Kind::kList:
      return Type::ListOfDyn();
    case Kind::kMap:
      if (rep_ == Rep::kEntries && type_ != nullptr && type_->kind() == Type::Kind::kStruct) return type_;
      return Type::MapOfDyn();
    case Kind::kOptional:
      return Type::OptionalOfDyn();
    case Kind::kOpaque:
      return u_.opaque->type();
  }
  return Type::Dyn();
}

ListBuilder::ListBuilder(Arena& arena, size_t reserve) : arena_(arena) {
  if (reserve == 0) return;
  items_ = arena_.MakeArray<Value>(reserve);
  if (items_ != nullptr) capacity_ = reserve;
}

void ListBuilder::Add(const Value& v) {
  if (size_ == capacity_) {
    const size_t capacity = capacity_ == 0 ? 4 : capacity_ * 2;
    Value* items = arena_.MakeArray<Value>(capacity);
    if (items == nullptr) return;
    if (size_ > 0) std::memcpy(static_cast<void*>(items), items_, size_ * sizeof(Value));
    items_ = items;
    capacity_ = capacity;
  }
  items_[size_++] = v;
}

Value ListBuilder::Build(const Type* type) {
  Value out(Value::Kind::kList, Value::Rep::kItems);
  const ListData* data = arena_.Make<ListData>(items_, static_cast<int64_t>(size_));
  if (data == nullptr || arena_.exhausted()) return OutOfMemory();
  out.u_.list = data;
  out.type_ = type;
  return out;
}

MapBuilder::MapBuilder(Arena& arena) : arena_(arena), data_(arena.Make<MapData>()) {}
MapBuilder::MapBuilder(const Value& map, Arena& arena) : arena_(arena), data_(map.u_.map) {
  DCHECK(map.rep_ == Value::Rep::kEntries);
}

bool MapBuilder::Insert(const Value& key, const Value& value) {
  if (data_ == nullptr) return true;
  if (data_->Find(key) >= 0) return false;
  MapData& d = *data_;
  if (d.size == d.capacity) {
    const uint32_t capacity = d.capacity == 0 ? 4 : d.capacity * 2;
    Value* keys = arena_.MakeArray<Value>(capacity);
    Value* values = arena_.MakeArray<Value>(capacity);
    uint32_t* index = nullptr;
    if (capacity > MapData::kLinearMax) index = arena_.MakeArray<uint32_t>(size_t{2} * capacity);
    if (keys == nullptr || values == nullptr || (capacity > MapData::kLinearMax && index == nullptr)) return true;
    if (d.size > 0) {
      std::memcpy(static_cast<void*>(keys), d.keys, d.size * sizeof(Value));
      std::memcpy(static_cast<void*>(values), d.values, d.size * sizeof(Value));
    }
    d.keys = keys;
    d.values = values;
    d.capacity = capacity;
    if (index != nullptr) {
      d.index = index;
      d.index_size = 2 * capacity;
      std::memset(index, 0, sizeof(uint32_t) * d.index_size);
      for (uint32_t i = 0; i < d.size; ++i) {
        uint64_t at = HashKey(keys[i]);
        while (index[at & (d.index_size - 1)] != 0) ++at;
        index[at & (d.index_size - 1)] = i + 1;
      }
    }
  }
  d.keys[d.size] = key;
  d.values[d.size] = value;
  ++d.size;
  if (d.index != nullptr) {
    uint64_t at = HashKey(key);
    while (d.index[at & (d.index_size - 1)] != 0) ++at;
    d.index[at & (d.index_size - 1)] = d.size;
  }
  return true;
}

void MapBuilder::Set(const Value& key, const Value& value) {
  if (data_ == nullptr || Insert(key, value)) return;
  data_->values[data_->Find(key)] = value;
}

void MapBuilder::Erase(const Value& key) {
  const int64_t at = data_ == nullptr ? -1 : data_->Find(key);
  if (at < 0) return;
  // Rare, and only while a literal is built: the entries are inserted again without this one.
  MapBuilder rest(arena_);
  for (uint32_t i = 0; i < data_->size; ++i) {
    if (i != at) rest.Insert(data_->keys[i], data_->values[i]);
  }
  if (rest.data_ != nullptr) *data_ = *rest.data_;
}

Value MapBuilder::Build(const Type* type) {
  if (data_ == nullptr || arena_.exhausted()) return OutOfMemory();
  Value out(Value::Kind::kMap, Value::Rep::kEntries);
  out.u_.map = data_;
  out.type_ = type;
  return out;
}

namespace {

// x-kubernetes-list-type=map: what tells an element from another.
Value ElementKey(const Value& element, const std::vector<std::string>& keys, Arena& arena) {
  std::string out;
  for (const std::string& key : keys) {
    const json::Value* object = element.is_map() ? element.json() : nullptr;
    const json::Value* part = object == nullptr ? nullptr : object->Find(key);
    if (part != nullptr) json::AppendTo(&out, *part);
    out += '\0';
  }
  return Value::String(arena.Copy(out));
}

bool IsScalar(const Value& v) { return v.is_string() || v.is_bool() || v.is_number(); }

bool EqualAsSets(const Value& a, const Value& b, Arena& arena) {
  MapBuilder set(arena);
  for (int64_t i = 0; i < a.Size(); ++i) {
    const Value element = a.At(i, arena);
    if (IsScalar(element)) set.Insert(element, Value::Bool(true));
  }
  const Value found = set.Build();
  for (int64_t i = 0; i < b.Size(); ++i) {
    const Value element = b.At(i, arena);
    if (IsScalar(element) ? found.is_error() || found.Find(element, arena).is_unset()
                          : !Equal(a.At(i, arena), element, arena)) {
      return false;
    }
  }
  return true;
}

bool EqualAsMaps(const Value& a, const Value& b, const std::vector<std::string>& keys, Arena& arena) {
  MapBuilder by_key(arena);
  for (int64_t i = 0; i < a.Size(); ++i) {
    const Value element = a.At(i, arena);
    by_key.Insert(ElementKey(element, keys, arena), element);
  }
  const Value map = by_key.Build();
  if (map.is_error()) return false;
  for (int64_t i = 0; i < b.Size(); ++i) {
    const Value element = b.At(i, arena);
    const Value other = map.Find(ElementKey(element, keys, arena), arena);
    if (other.is_unset() || !Equal(other, element, arena)) return false;
  }
  return true;
}

bool EqualLists(const Value& a, const Value& b, Arena& arena) {
  const int64_t size = a.Size();
  if (size != b.Size()) return false;
  const Type* type = a.declared_type();
  if (type != nullptr && type->kind() == Type::Kind::kList && type->list_kind() != ListKind::kAtomic) {
    return type->list_kind() == ListKind::kSet ? EqualAsSets(a, b, arena)
                                               : EqualAsMaps(a, b, type->list_map_keys(), arena);
  }
  for (int64_t i = 0; i < size; ++i) {
    if (!Equal(a.At(i, arena), b.At(i, arena), arena)) return false;
  }
  return true;
}

bool EqualMaps(const Value& a, const Value& b, Arena& arena) {
  const int64_t size = a.Size();
  if (size != b.Size()) return false;
  for (int64_t i = 0; i < size; ++i) {
    const Value mine = a.ValueAt(i, arena);
    const Value other = b.Find(a.KeyAt(i), arena);
    if (other.is_unset() ? !mine.is_null() : !Equal(mine, other, arena)) return false;
  }
  return true;
}

template <class A, class B>
int Order(A a, B b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// As cel-go has it: within a double's range the integer becomes one, so that large neighbours are equal.
int CompareWithDouble(int64_t a, double b) {
  if (b > 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  return Order(static_cast<double>(a), b);
}

int CompareWithDouble(uint64_t a, double b) {
  if (b > 18446744073709551616.0) return -1;
  if (b < 0) return 1;
  return Order(static_cast<double>(a), b);
}

// REQUIRES: numbers, no NaN.
int CompareNumbers(const Value& a, const Value& b) {
  if (a.is_int()) {
    if (b.is_int()) return Order(a.int_value(), b.int_value());
    if (b.is_uint()) return a.int_value() < 0 ? -1 : Order(static_cast<uint64_t>(a.int_value()), b.uint_value());
    return CompareWithDouble(a.int_value(), b.double_value());
  }
  if (a.is_uint()) {
    if (b.is_uint()) return Order(a.uint_value(), b.uint_value());
    if (b.is_int()) return b.int_value() < 0 ? 1 : Order(a.uint_value(), static_cast<uint64_t>(b.int_value()));
    return CompareWithDouble(a.uint_value(), b.double_value());
  }
  if (b.is_double()) return Order(a.double_value(), b.double_value());
  return b.is_int() ? -CompareWithDouble(b.int_value(), a.double_value())
                    : -CompareWithDouble(b.uint_value(), a.double_value());
}

bool IsNan(const Value& v) { return v.is_double() && std::isnan(v.double_value()); }

}  // namespace

bool Equal(const Value& a, const Value& b, Arena& arena) {
  if (a.is_number() && b.is_number()) return !IsNan(a) && !IsNan(b) && CompareNumbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kBool:
      return a.bool_value() == b.bool_value();
    case Value::Kind::kString:
    case Value::Kind::kBytes:
      return a.text() == b.text();
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kDuration:
      return a.nanoseconds() == b.nanoseconds();
    case Value::Kind::kTimestamp:
      return a.seconds() == b.seconds() && a.fraction() == b.fraction();
    case Value::Kind::kType:
      return a.type_value()->TypeName() == b.type_value()->TypeName();
    case Value::Kind::kList:
      return EqualLists(a, b, arena);
    case Value::Kind::kMap:
      return EqualMaps(a, b, arena);
    case Value::Kind::kOptional:
      return a.has_value() == b.has_value() && (!a.has_value() || Equal(a.boxed(), b.boxed(), arena));
    case Value::Kind::kOpaque:
      return &a.opaque() == &b.opaque() || (a.opaque().type() == b.opaque().type() && a.opaque().Equals(b.opaque()));
    default:
      return false;
  }
}

Value Compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (IsNan(a) || IsNan(b)) return Value::StaticError("NaN values cannot be ordered");
    return Value::Int(CompareNumbers(a, b));
  }
  if (a.kind() != b.kind()) return Value::NoSuchOverload();
  switch (a.kind()) {
    case Value::Kind::kBool:
      return Value::Int(Order(a.bool_value(), b.bool_value()));
    case Value::Kind::kString:
    case Value::Kind::kBytes:
      return Value::Int(Order(a.text().compare(b.text()), 0));
    case Value::Kind::kDuration:
      return Value::Int(Order(a.nanoseconds(), b.nanoseconds()));
    case Value::Kind::kTimestamp:
      return Value::Int(a.seconds() != b.seconds() ? Order(a.seconds(), b.seconds())
                                                   : Order(a.fraction(), b.fraction()));
    default:
      return Value::NoSuchOverload();
  }
}

Value Concatenate(const Value& a, const Value& b, Arena& arena) {
  if (!a.is_list() || !b.is_list()) return Value::NoSuchOverload();
  const Type* type = a.declared_type();
  if (type != nullptr && type->kind() == Type::Kind::kList && type->list_kind() != ListKind::kAtomic) {
    const bool set = type->list_kind() == ListKind::kSet;
    ListBuilder out(arena, static_cast<size_t>(a.Size()));
    MapBuilder places(arena);
    const auto add = [&](const Value& element, bool replace) {
      if (arena.exhausted()) return;
      const Value key = set ? element : ElementKey(element, type->list_map_keys(), arena);
      if (!set || IsScalar(key)) {
        const Value place = places.Build().is_error() ? Value() : places.Build().Find(key, arena);
        if (place.is_int() && replace) {
          if (!set) out[static_cast<size_t>(place.int_value())] = element;
          return;
        }
        places.Set(key, Value::Int(static_cast<int64_t>(out.size())));
      }
      out.Add(element);
    };
    for (int64_t i = 0; i < a.Size(); ++i) add(a.At(i, arena), false);
    for (int64_t i = 0; i < b.Size(); ++i) add(b.At(i, arena), true);
    return out.Build(type);
  }
  if (a.Size() == 0) return b;
  if (b.Size() == 0) return a;
  if (a.Size() + b.Size() > kListSizeMax) {
    return Value::StaticError("operation cancelled: list size limit exceeded");
  }
  const ConcatData* data = arena.Make<ConcatData>(a, b, a.Size() + b.Size());
  if (data == nullptr) return OutOfMemory();
  Value out(Value::Kind::kList, Value::Rep::kConcat);
  out.u_.concat = data;
  return out;
}

int64_t CodePoints(std::string_view s) {
  bool ascii = true;
  for (const char c : s) ascii &= static_cast<signed char>(c) >= 0;
  if (ascii) return static_cast<int64_t>(s.size());
  int64_t n = 0;
  for (size_t at = 0; at < s.size(); at += static_cast<size_t>(json::DecodeRune(s, at).bytes)) ++n;
  return n;
}

uint64_t CostSize(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kString:
      return static_cast<uint64_t>(CodePoints(v.text()));
    case Value::Kind::kBytes:
      return v.text().size();
    case Value::Kind::kList:
    case Value::Kind::kMap:
      return static_cast<uint64_t>(v.Size());
    case Value::Kind::kOptional:
      return v.has_value() ? CostSize(v.boxed()) : 1;
    case Value::Kind::kOpaque:
      return v.opaque().CostSize();
    default:
      return 1;
  }
}

std::string DebugString(const Value& v, Arena& arena) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return v.bool_value() ? "true" : "false";
    case Value::Kind::kInt:
      return StrCat(v.int_value());
    case Value::Kind::kUint:
      return StrCat(v.uint_value());
    case Value::Kind::kDouble:
      return FormatDouble(v.double_value());
    case Value::Kind::kDuration:
      return FormatGoDuration(v.nanoseconds());
    case Value::Kind::kTimestamp:
      return FormatTimestamp({v.seconds(), v.fraction()});
    case Value::Kind::kType:
      return v.type_value()->TypeName();
    case Value::Kind::kList: {
      std::string out = "[";
      const int64_t n = std::min<int64_t>(v.Size(), 100);
      for (int64_t i = 0; i < n; ++i) {
        if (i > 0) out += ", ";
        out += DebugString(v.At(i, arena), arena);
      }
      return out + "]";
    }
    case Value::Kind::kMap: {
      std::string out = "{";
      const int64_t n = std::min<int64_t>(v.Size(), 100);
      for (int64_t i = 0; i < n; ++i) {
        if (i > 0) out += ", ";
        StrAppend(&out, DebugString(v.KeyAt(i), arena), ": ", DebugString(v.ValueAt(i, arena), arena));
      }
      return out + "}";
    }
    case Value::Kind::kOptional:
      return v.has_value() ? StrCat("optional(", DebugString(v.boxed(), arena), ")") : "optional.none()";
    case Value::Kind::kOpaque:
      return v.opaque().type()->TypeName();
    default:
      return std::string(v.text());
  }
}

}  // namespace atoll::cel
