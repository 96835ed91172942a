// Kubernetes' quantities: `quantity('500m').add(quantity('1'))`.
#include <cmath>

#include "absl/strings/numbers.h"
#include "common/api/quantity.h"
#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"

namespace atoll::cel::lib {
namespace {

class QuantityValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("kubernetes.Quantity");
    return type;
  }
  explicit QuantityValue(api::Quantity q) : quantity(std::move(q)) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override {
    return quantity == static_cast<const QuantityValue&>(other).quantity;
  }

  const api::Quantity quantity;
};

const api::Quantity& Get(const Value& v) { return static_cast<const QuantityValue&>(v.opaque()).quantity; }
Value Make(CallContext& c, api::Quantity q) {
  return Value::Of(c.arena().Own(std::make_unique<QuantityValue>(std::move(q))));
}

Value Parse(CallContext& c, Arguments a) {
  auto q = api::Quantity::Parse(a[0].text());
  if (!q.ok()) return c.Error(ToStd(q.status().message()));
  return Make(c, std::move(*q));
}
Value IsQuantity(CallContext&, Arguments a) { return Value::Bool(api::Quantity::Parse(a[0].text()).ok()); }

int Order(const Value& a, const Value& b) { return Get(a) < Get(b) ? -1 : Get(a) == Get(b) ? 0 : 1; }
Value Sign(CallContext&, Arguments a) {
  return Value::Int(Get(a[0]).negative() ? -1 : Get(a[0]) == api::Quantity() ? 0 : 1);
}
Value IsGreater(CallContext&, Arguments a) { return Value::Bool(Order(a[0], a[1]) > 0); }
Value IsLess(CallContext&, Arguments a) { return Value::Bool(Order(a[0], a[1]) < 0); }
Value CompareTo(CallContext&, Arguments a) { return Value::Int(Order(a[0], a[1])); }

// The amount is a whole number of 64 bits.
bool FitsInt(const api::Quantity& q) { return api::Quantity(q.Whole()) == q; }
Value IsInteger(CallContext&, Arguments a) { return Value::Bool(FitsInt(Get(a[0]))); }
Value AsInteger(CallContext&, Arguments a) {
  if (!FitsInt(Get(a[0]))) return Value::StaticError("cannot convert value to integer");
  return Value::Int(Get(a[0]).Whole());
}

Value AsFloat(CallContext&, Arguments a) {
  if (FitsInt(Get(a[0]))) return Value::Double(static_cast<double>(Get(a[0]).Whole()));
  // Digits, then a unit or an exponent.
  const std::string text = Get(a[0]).ToString();
  const size_t digits = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  double amount = 0;
  if (!absl::SimpleAtod(text.substr(0, digits), &amount)) return Value::Double(0);
  const std::string_view unit = std::string_view(text).substr(digits);
  static constexpr std::string_view kDecimal = "num kMGTPE", kBinary = "KMGTPE";
  if (unit.empty()) return Value::Double(amount);
  if ((unit[0] == 'e' || unit[0] == 'E') && unit.size() > 1) {
    int exponent = 0;
    if (!absl::SimpleAtoi(ToAbsl(unit.substr(1)), &exponent)) return Value::Double(0);
    return Value::Double(amount * std::pow(10, exponent));
  }
  if (unit.size() == 2) return Value::Double(amount * std::pow(1024, static_cast<double>(kBinary.find(unit[0]) + 1)));
  return Value::Double(amount * std::pow(10, 3 * (static_cast<double>(kDecimal.find(unit[0])) - 3)));
}

template <bool kAdd>
Value Combine(CallContext& c, Arguments a) {
  api::Quantity out = Get(a[0]);
  const api::Quantity other = a[1].is_int() ? api::Quantity(a[1].int_value()) : Get(a[1]);
  if (kAdd) {
    out += other;
  } else {
    out -= other;
  }
  return Make(c, std::move(out));
}

constexpr OverloadRow kRows[] = {
    {"quantity", "string_to_quantity", Style::kGlobal, "string", "kubernetes.Quantity", &Parse, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"isQuantity", "is_quantity_string", Style::kGlobal, "string", "bool", &IsQuantity, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"sign", "quantity_sign", Style::kGlobal, "kubernetes.Quantity", "int", &Sign},
    {"isGreaterThan", "quantity_is_greater_than", Style::kMember, "kubernetes.Quantity,kubernetes.Quantity", "bool",
     &IsGreater},
    {"isLessThan", "quantity_is_less_than", Style::kMember, "kubernetes.Quantity,kubernetes.Quantity", "bool", &IsLess},
    {"compareTo", "quantity_compare_to", Style::kMember, "kubernetes.Quantity,kubernetes.Quantity", "int", &CompareTo},
    {"asApproximateFloat", "quantity_get_float", Style::kMember, "kubernetes.Quantity", "double", &AsFloat},
    {"asInteger", "quantity_get_int", Style::kMember, "kubernetes.Quantity", "int", &AsInteger},
    {"isInteger", "quantity_is_integer", Style::kMember, "kubernetes.Quantity", "bool", &IsInteger},
    {"add", "quantity_add", Style::kMember, "kubernetes.Quantity,kubernetes.Quantity", "kubernetes.Quantity",
     &Combine<true>},
    {"add", "quantity_add_int", Style::kMember, "kubernetes.Quantity,int", "kubernetes.Quantity", &Combine<true>},
    {"sub", "quantity_sub", Style::kMember, "kubernetes.Quantity,kubernetes.Quantity", "kubernetes.Quantity",
     &Combine<false>},
    {"sub", "quantity_sub_int", Style::kMember, "kubernetes.Quantity,int", "kubernetes.Quantity", &Combine<false>},
};

}  // namespace

Library Quantity() { return {.name = "kubernetes.quantity", .introduced = 28, .rows = kRows}; }

}  // namespace atoll::cel::lib
