// Optional values: optional.of(x), x.?y, .orValue(z) and what goes with them.
#include "common/cel/lib/libraries.h"

namespace atoll::cel::lib {
namespace {

Value Unused(CallContext&, Arguments) { return Value::NoSuchOverload(); }

bool IsZero(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return !v.bool_value();
    case Value::Kind::kInt:
      return v.int_value() == 0;
    case Value::Kind::kUint:
      return v.uint_value() == 0;
    case Value::Kind::kDouble:
      return v.double_value() == 0;
    case Value::Kind::kString:
    case Value::Kind::kBytes:
      return v.text().empty();
    case Value::Kind::kDuration:
      return v.nanoseconds() == 0;
    case Value::Kind::kList:
    case Value::Kind::kMap:
      return v.Size() == 0;
    default:
      return false;
  }
}

Value Of(CallContext& c, Arguments a) { return Value::Optional(a[0], c.arena()); }
Value OfNonZero(CallContext& c, Arguments a) {
  return IsZero(a[0]) ? Value::NoOptional() : Value::Optional(a[0], c.arena());
}
Value None(CallContext&, Arguments) { return Value::NoOptional(); }
Value ValueOf(CallContext&, Arguments a) {
  return a[0].has_value() ? a[0].boxed() : Value::StaticError("optional.none() dereference");
}
Value HasValue(CallContext&, Arguments a) { return Value::Bool(a[0].has_value()); }
Value First(CallContext& c, Arguments a) {
  return a[0].Size() == 0 ? Value::NoOptional() : Value::Optional(a[0].At(0, c.arena()), c.arena());
}
Value Last(CallContext& c, Arguments a) {
  return a[0].Size() == 0 ? Value::NoOptional() : Value::Optional(a[0].At(a[0].Size() - 1, c.arena()), c.arena());
}
Value Unwrap(CallContext& c, Arguments a) {
  ListBuilder out(c.arena());
  for (int64_t i = 0; i < a[0].Size(); ++i) {
    const Value v = a[0].At(i, c.arena());
    if (!v.is_optional()) return c.Error("value " + DebugString(v, c.arena()) + " is not optional");
    if (v.has_value()) out.Add(v.boxed());
  }
  return out.Build();
}

constexpr OverloadRow kRows[] = {
    {"optional.of", "optional_of", Style::kGlobal, "V", "optional_type(V)", &Of},
    {"optional.ofNonZeroValue", "optional_ofNonZeroValue", Style::kGlobal, "V", "optional_type(V)", &OfNonZero},
    {"optional.none", "optional_none", Style::kGlobal, "", "optional_type(V)", &None},
    {"value", "optional_value", Style::kMember, "optional_type(V)", "V", &ValueOf},
    {"hasValue", "optional_hasValue", Style::kMember, "optional_type(V)", "bool", &HasValue},
    {"or", "optional_or_optional", Style::kMember, "optional_type(V),optional_type(V)", "optional_type(V)", &Unused},
    {"orValue", "optional_orValue_value", Style::kMember, "optional_type(V),V", "V", &Unused},
    {"_[?_]", "list_optindex_optional_int", Style::kGlobal, "list(V),int", "optional_type(V)", &Unused},
    {"_[?_]", "optional_list_optindex_optional_int", Style::kGlobal, "optional_type(list(V)),int", "optional_type(V)",
     &Unused},
    {"_[?_]", "map_optindex_optional_value", Style::kGlobal, "map(K,V),K", "optional_type(V)", &Unused},
    {"_[?_]", "optional_map_optindex_optional_value", Style::kGlobal, "optional_type(map(K,V)),K", "optional_type(V)",
     &Unused},
    {"_[_]", "optional_list_index_int", Style::kGlobal, "optional_type(list(V)),int", "optional_type(V)", &Unused},
    {"_[_]", "optional_map_index_value", Style::kGlobal, "optional_type(map(K,V)),K", "optional_type(V)", &Unused},
    {"last", "list_last", Style::kMember, "list(V)", "optional_type(V)", &Last},
    {"first", "list_first", Style::kMember, "list(V)", "optional_type(V)", &First},
    {"optional.unwrap", "optional_unwrap", Style::kGlobal, "list(optional_type(V))", "list(V)", &Unwrap},
    {"unwrapOpt", "optional_unwrapOpt", Style::kMember, "list(optional_type(V))", "list(V)", &Unwrap},
};

}  // namespace

Library Optionals() { return {.name = "optionals", .introduced = 28, .rows = kRows}; }

}  // namespace atoll::cel::lib
