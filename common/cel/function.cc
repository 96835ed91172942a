#include "common/cel/function.h"

#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/cel/lib/all.h"

namespace atoll::cel {
namespace {

// Splits at commas outside parentheses.
std::vector<std::string_view> SplitTypes(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == ',' && depth == 0) {
      out.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  if (!text.empty()) out.push_back(text.substr(begin));
  return out;
}

bool IsGeneric(const Type& type) {
  if (type.kind() == Type::Kind::kParam) return true;
  for (const Type* p : type.parameters()) {
    if (IsGeneric(*p)) return true;
  }
  return false;
}

const std::pair<std::string_view, const Type* (*)()> kNames[] = {
    {"dyn", &Type::Dyn},       {"null", &Type::Null},         {"bool", &Type::Bool},           {"int", &Type::Int},
    {"uint", &Type::Uint},     {"double", &Type::Double},     {"string", &Type::String},       {"bytes", &Type::Bytes},
    {"type", &Type::TypeType}, {"duration", &Type::Duration}, {"timestamp", &Type::Timestamp},
};

bool Fits(const Type& type, const Value& v);

// The first element decides, as in cel-go.
bool FirstFits(const Type& list, const Value& v) {
  const Type& element = *list.parameter(0);
  if (element.kind() == Type::Kind::kParam || element.is_dyn() || v.Size() == 0) return true;
  Arena arena;
  return Fits(element, v.At(0, arena));
}

bool Fits(const Type& type, const Value& v) {
  switch (type.kind()) {
    case Type::Kind::kBool:
      return v.is_bool();
    case Type::Kind::kInt:
      return v.is_int();
    case Type::Kind::kUint:
      return v.is_uint();
    case Type::Kind::kDouble:
      return v.is_double();
    case Type::Kind::kString:
      return v.is_string();
    case Type::Kind::kBytes:
      return v.is_bytes();
    case Type::Kind::kDuration:
      return v.is_duration();
    case Type::Kind::kTimestamp:
      return v.is_timestamp();
    case Type::Kind::kNull:
      return v.is_null();
    case Type::Kind::kList:
      return v.is_list() && FirstFits(type, v);
    case Type::Kind::kMap:
    case Type::Kind::kStruct:
      return v.is_map();
    case Type::Kind::kType:
      return v.kind() == Value::Kind::kType;
    case Type::Kind::kOpaque:
      return type.is_optional() ? v.is_optional() : v.is_opaque() && v.opaque().type() == &type;
    case Type::Kind::kDyn:
    case Type::Kind::kParam:
    case Type::Kind::kError:
      return true;
  }
  return false;
}

}  // namespace

bool Overload::Accepts(Arguments args) const {
  if (args.size() != parameters.size()) return false;
  if (any_values) return args[0].is_list();
  for (size_t i = 0; i < args.size(); ++i) {
    if (!Fits(*parameters[i], args[i])) return false;
  }
  return true;
}

const Type* ParseSignatureType(std::string_view text, TypePool* pool) {
  for (const auto& [name, type] : kNames) {
    if (text == name) return type();
  }
  if (text.size() == 1) return pool->Param(std::string(text), 0);
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return Type::Named(text);
  const std::string_view name = text.substr(0, open);
  std::vector<const Type*> parameters;
  for (const std::string_view part : SplitTypes(text.substr(open + 1, text.size() - open - 2))) {
    parameters.push_back(ParseSignatureType(part, pool));
  }
  if (name == "list") return pool->List(parameters[0]);
  if (name == "map") return pool->Map(parameters[0], parameters[1]);
  if (name == "type") return pool->TypeOf(parameters[0]);
  return pool->Opaque(std::string(name), std::move(parameters));
}

Functions::Functions(int minor) {
  for (const Library& library : lib::All()) {
    if (minor < library.introduced || minor >= library.removed) continue;
    for (const OverloadRow& row : library.rows) {
      Function& f = functions_[std::string(row.function)];
      f.name = row.function;
      Overload o{.id = std::string(row.id),
                 .style = row.style,
                 .parameters = {},
                 .result = nullptr,
                 .generic = false,
                 .call = row.call,
                 .actual = row.actual,
                 .estimate = row.estimate,
                 .any_values = row.any_values,
                 .costs_by_overload = library.costs_by_overload};
      for (const std::string_view part : SplitTypes(row.parameters)) {
        o.parameters.push_back(ParseSignatureType(part, &pool_));
        o.generic |= IsGeneric(*o.parameters.back());
      }
      o.result = ParseSignatureType(row.result, &pool_);
      o.generic |= IsGeneric(*o.result);
      f.overloads.push_back(std::move(o));
    }
  }
  for (const auto& [name, type] : kNames) {
    if (type() != Type::Dyn()) types_.emplace(type()->TypeName(), type());
  }
  types_.emplace("list", Type::ListOfDyn());
  types_.emplace("map", pool_.Map(Type::Dyn(), Type::Dyn()));
  types_.emplace("optional_type", Type::OptionalOfDyn());
  for (const std::string_view name : lib::TypeNames()) types_.emplace(std::string(name), Type::Named(name));
}

const Functions& Functions::Of(int minor) {
  static absl::Mutex mutex;
  static auto* releases = new std::map<int, std::unique_ptr<const Functions>>;
  DCHECK(minor >= 0);
  absl::MutexLock lock(&mutex);
  auto& release = (*releases)[minor];
  if (release == nullptr) release.reset(new Functions(minor));
  return *release;
}

const Function* Functions::Find(std::string_view name) const {
  const auto at = functions_.find(name);
  return at == functions_.end() ? nullptr : &at->second;
}

const Type* Functions::FindType(std::string_view name) const {
  const auto at = types_.find(name);
  return at == types_.end() ? nullptr : at->second;
}

}  // namespace atoll::cel
