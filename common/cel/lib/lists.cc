// Kubernetes' lists (sum, min, max, ...) and cel-go's lists extension v3 (slice, flatten, sort, ...), and sets.
#include <algorithm>
#include <vector>

#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/cel/time.h"

namespace atoll::cel::lib {
namespace {

// ---- Kubernetes' lists ---------------------------------------------------------------------------------------------

uint64_t Traversal(const Value& v, Arena& arena) {
  switch (v.kind()) {
    case Value::Kind::kString:
    case Value::Kind::kBytes:
      return static_cast<uint64_t>(static_cast<double>(v.text().size()) * kStringTraversalFactor);
    case Value::Kind::kList: {
      uint64_t cost = 0;
      for (int64_t i = 0; i < v.Size(); ++i) cost = AddCost(cost, Traversal(v.At(i, arena), arena));
      return cost;
    }
    case Value::Kind::kMap: {
      uint64_t cost = 0;
      for (int64_t i = 0; i < v.Size(); ++i) {
        cost = AddCost(cost, AddCost(Traversal(v.KeyAt(i), arena), Traversal(v.ValueAt(i, arena), arena)));
      }
      return cost;
    }
    default:
      return 1;
  }
}
uint64_t ListTraversalCost(Arguments a, const Value&) {
  Arena arena;
  return Traversal(a[0], arena);
}
CallEstimate ListTraversalEstimate(const EstimateContext& c, std::span<const Operand> a) {
  if (a[0].type->parameters().empty()) return {.cost = c.Size(a[0]) * kStringTraversalFactor, .size = {}};
  Range element = Range::Fixed(1);
  const Type& type = *a[0].type->parameter(0);
  if (type.kind() == Type::Kind::kString || type.kind() == Type::Kind::kBytes) {
    element = element + c.ElementSize(a[0]) * kStringTraversalFactor;
  }
  return {.cost = c.Size(a[0]) * element, .size = {}};
}

Value IsSorted(CallContext& c, Arguments a) {
  for (int64_t i = 1; i < a[0].Size(); ++i) {
    const Value order = Compare(a[0].At(i - 1, c.arena()), a[0].At(i, c.arena()));
    if (order.is_int() && order.int_value() > 0) return Value::Bool(false);
  }
  return Value::Bool(true);
}

Value Add(const Value& a, const Value& b) {
  int64_t sum;
  uint64_t unsigned_sum;
  if (a.is_int() && b.is_int()) {
    return __builtin_add_overflow(a.int_value(), b.int_value(), &sum) ? Value::StaticError("integer overflow")
                                                                      : Value::Int(sum);
  }
  if (a.is_uint() && b.is_uint()) {
    return __builtin_add_overflow(a.uint_value(), b.uint_value(), &unsigned_sum)
               ? Value::StaticError("unsigned integer overflow")
               : Value::Uint(unsigned_sum);
  }
  if (a.is_double() && b.is_double()) return Value::Double(a.double_value() + b.double_value());
  if (a.is_duration() && b.is_duration()) {
    return __builtin_add_overflow(a.nanoseconds(), b.nanoseconds(), &sum) ? Value::StaticError("duration overflow")
                                                                          : Value::Duration(sum);
  }
  return Value::NoSuchOverload();
}

Value SumFrom(CallContext& c, const Value& list, Value sum) {
  for (int64_t i = 0; i < list.Size() && !sum.is_error(); ++i) {
    const Value element = list.At(i, c.arena());
    sum = element.is_error() ? element : Add(sum, element);
  }
  return sum;
}
Value SumInt(CallContext& c, Arguments a) { return SumFrom(c, a[0], Value::Int(0)); }
Value SumUint(CallContext& c, Arguments a) { return SumFrom(c, a[0], Value::Uint(0)); }
Value SumDouble(CallContext& c, Arguments a) { return SumFrom(c, a[0], Value::Double(0)); }
Value SumDuration(CallContext& c, Arguments a) { return SumFrom(c, a[0], Value::Duration(0)); }

template <bool kMax>
Value Extreme(CallContext& c, Arguments a) {
  if (a[0].Size() == 0) return Value::StaticError(kMax ? "max called on empty list" : "min called on empty list");
  Value best = a[0].At(0, c.arena());
  for (int64_t i = 1; i < a[0].Size() && !best.is_error(); ++i) {
    const Value next = a[0].At(i, c.arena());
    if (next.is_error()) return next;
    const Value order = Compare(best, next);
    if (order.is_int() && (kMax ? order.int_value() < 0 : order.int_value() > 0)) best = next;
  }
  return best;
}

Value IndexOf(CallContext& c, Arguments a) {
  for (int64_t i = 0; i < a[0].Size(); ++i) {
    if (Equal(a[0].At(i, c.arena()), a[1], c.arena())) return Value::Int(i);
  }
  return Value::Int(-1);
}
Value LastIndexOf(CallContext& c, Arguments a) {
  for (int64_t i = a[0].Size() - 1; i >= 0; --i) {
    if (Equal(a[0].At(i, c.arena()), a[1], c.arena())) return Value::Int(i);
  }
  return Value::Int(-1);
}

#define COMPARABLE(T)                                                                                  \
  {"isSorted", "list_" T "_is_sorted_bool", Style::kMember,        "list(" T ")", "bool",              \
   &IsSorted,  &ListTraversalCost,          &ListTraversalEstimate},                                   \
      {"max", "list_" T "_max_" T, Style::kMember,     "list(" T ")",                                  \
       T,     &Extreme<true>,      &ListTraversalCost, &ListTraversalEstimate},                        \
  {                                                                                                    \
    "min", "list_" T "_min_" T, Style::kMember, "list(" T ")", T, &Extreme<false>, &ListTraversalCost, \
        &ListTraversalEstimate                                                                         \
  }

constexpr OverloadRow kKubernetes[] = {
    COMPARABLE("int"),
    COMPARABLE("uint"),
    COMPARABLE("double"),
    COMPARABLE("bool"),
    COMPARABLE("duration"),
    COMPARABLE("timestamp"),
    COMPARABLE("string"),
    COMPARABLE("bytes"),
    {"sum", "list_int_sum_int", Style::kMember, "list(int)", "int", &SumInt, &ListTraversalCost,
     &ListTraversalEstimate},
    {"sum", "list_uint_sum_uint", Style::kMember, "list(uint)", "uint", &SumUint, &ListTraversalCost,
     &ListTraversalEstimate},
    {"sum", "list_double_sum_double", Style::kMember, "list(double)", "double", &SumDouble, &ListTraversalCost,
     &ListTraversalEstimate},
    {"sum", "list_duration_sum_duration", Style::kMember, "list(duration)", "duration", &SumDuration,
     &ListTraversalCost, &ListTraversalEstimate},
    {"indexOf", "list_a_index_of_int", Style::kMember, "list(A),A", "int", &IndexOf, &ListTraversalCost,
     &ListTraversalEstimate},
    {"lastIndexOf", "list_a_last_index_of_int", Style::kMember, "list(A),A", "int", &LastIndexOf, &ListTraversalCost,
     &ListTraversalEstimate},
};

// ---- cel-go's lists ------------------------------------------------------------------------------------------------

constexpr int64_t kRangeMax = 1'000'000;
constexpr uint64_t kAllocatingCall = 1 + kListCost;

Value Slice(CallContext& c, Arguments a) {
  const int64_t start = a[1].int_value(), end = a[2].int_value();
  const std::string call = StrCat("cannot slice(", start, ", ", end, "), ");
  if (start < 0 || end < 0) return c.Error(call + "negative indexes not supported");
  if (start > end) return c.Error(call + "start index must be less than or equal to end index");
  if (a[0].Size() < end) return c.Error(StrCat(call, "list is length ", a[0].Size()));
  ListBuilder out(c.arena(), static_cast<size_t>(end - start));
  for (int64_t i = start; i < end; ++i) out.Add(a[0].At(i, c.arena()));
  return out.Build();
}

Value Flatten(CallContext& c, Arguments a) {
  const int64_t depth = a.size() == 2 ? a[1].int_value() : 1;
  if (depth < 0) return Value::StaticError("level must be non-negative");
  struct Level {
    Value list;
    int64_t at;
  };
  std::vector<Level> levels{{a[0], 0}};
  ListBuilder out(c.arena());
  while (!levels.empty() && !c.arena().exhausted()) {
    Level& level = levels.back();
    if (level.at == level.list.Size()) {
      levels.pop_back();
      continue;
    }
    const Value element = level.list.At(level.at++, c.arena());
    if (element.is_list() && static_cast<int64_t>(levels.size()) <= depth) {
      levels.push_back({element, 0});
    } else {
      out.Add(element);
    }
  }
  return out.Build();
}

Value SortByKeys(CallContext& c, Arguments a) {
  const Value &list = a[0], &keys = a.size() == 2 ? a[1] : a[0];
  if (list.Size() != keys.Size()) {
    return c.Error(
        StrCat("@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but "
               "got ",
               list.Size(), " and ", keys.Size(), " elements respectively"));
  }
  if (list.Size() == 0) return list;
  std::vector<std::pair<Value, int64_t>> order;
  for (int64_t i = 0; i < keys.Size(); ++i) {
    order.emplace_back(keys.At(i, c.arena()), i);
    const Value& key = order.back().first;
    if (key.is_error()) return key;
    const Value::Kind kind = key.kind();
    if (kind == Value::Kind::kNull || kind == Value::Kind::kList || kind == Value::Kind::kMap ||
        kind == Value::Kind::kOptional || kind == Value::Kind::kOpaque || kind == Value::Kind::kType) {
      return Value::StaticError("list elements must be comparable");
    }
    if (kind != order.front().first.kind()) return Value::StaticError("list elements must have the same type");
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& x, const auto& y) {
    const Value compared = Compare(x.first, y.first);
    return compared.is_int() && compared.int_value() < 0;
  });
  ListBuilder out(c.arena(), order.size());
  for (const auto& [key, index] : order) out.Add(list.At(index, c.arena()));
  return out.Build();
}

Value RangeOf(CallContext& c, Arguments a) {
  const int64_t n = a[0].int_value();
  if (n < 0) return c.Error(StrCat("lists.range: size must be non-negative, got ", n));
  if (n > kRangeMax) return c.Error(StrCat("lists.range: size ", n, " exceeds maximum allowed (", kRangeMax, ")"));
  if (!c.Affords(static_cast<uint64_t>(n))) return Value::StaticError("lists.range: size exceeds the cost limit");
  ListBuilder out(c.arena(), static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) out.Add(Value::Int(i));
  return out.Build();
}
uint64_t RangeCost(Arguments a, const Value& result) {
  // One that was not made for its cost is charged as if it were.
  const int64_t n = a[0].is_int() ? a[0].int_value() : -1;
  return AddCost(result.is_error() && n >= 0 && n <= kRangeMax ? static_cast<uint64_t>(n) : CostSize(result),
                 kAllocatingCall);
}

Value Reverse(CallContext& c, Arguments a) {
  ListBuilder out(c.arena(), static_cast<size_t>(a[0].Size()));
  for (int64_t i = a[0].Size() - 1; i >= 0; --i) out.Add(a[0].At(i, c.arena()));
  return out.Build();
}

bool IsScalar(const Value& v) { return v.is_string() || v.is_bool() || v.is_number(); }

uint64_t SelfCompareCost(const Value& list) {
  const uint64_t size = CostSize(list);
  double factor = 2;
  if (size > 0 && list.is_list()) {
    Arena arena;
    const Value first = list.At(0, arena);
    if (first.is_string() || first.is_bytes()) factor += kStringTraversalFactor;
  }
  const double cost = static_cast<double>(MultiplyCost(size, size)) * factor;
  return AddCost(cost >= 1e18 ? uint64_t{1} << 62 : static_cast<uint64_t>(cost), kAllocatingCall);
}
uint64_t SortCost(Arguments a, const Value&) { return SelfCompareCost(a.back()); }

Value Distinct(CallContext& c, Arguments a) {
  if (!c.Affords(SelfCompareCost(a[0]))) return a[0];
  ListBuilder out(c.arena());
  MapBuilder scalars(c.arena());
  std::vector<Value> others;
  for (int64_t i = 0; i < a[0].Size(); ++i) {
    const Value element = a[0].At(i, c.arena());
    if (IsScalar(element)) {
      if (!scalars.Insert(element, Value::Bool(true))) continue;
    } else {
      bool seen = false;
      for (const Value& other : others) seen = seen || Equal(element, other, c.arena());
      if (seen) continue;
      others.push_back(element);
    }
    out.Add(element);
  }
  return out.Build();
}

uint64_t ResultCost(Arguments, const Value& result) { return AddCost(CostSize(result), kAllocatingCall); }
uint64_t FlattenCost(Arguments a, const Value&) {
  const double depth = a.size() == 2 && a[1].is_int() ? static_cast<double>(a[1].int_value()) : 1;
  const double cost = static_cast<double>(CostSize(a[0])) * depth;
  return AddCost(cost >= 1e18 ? uint64_t{1} << 62 : cost < 0 ? 0 : static_cast<uint64_t>(cost), kAllocatingCall);
}

CallEstimate Allocating(double factor, const Range& size) {
  return {.cost = size * factor + Range::Fixed(kAllocatingCall), .size = size};
}
uint64_t LiteralOr(const Operand& operand, uint64_t otherwise) {
  if (operand.literal == nullptr || !operand.literal->is_int()) return otherwise;
  return operand.literal->int_value() < 0 ? 0 : static_cast<uint64_t>(operand.literal->int_value());
}
CallEstimate SliceEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return Allocating(1, Range::Fixed(LiteralOr(a[2], c.Size(a[0]).max) - LiteralOr(a[1], 0)));
}
CallEstimate FlattenEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const uint64_t depth = a.size() == 2 ? LiteralOr(a[1], UINT64_MAX) : 1;
  return Allocating(static_cast<double>(depth), c.Size(a[0]));
}
CallEstimate RangeOfEstimate(const EstimateContext&, std::span<const Operand> a) {
  return Allocating(1, Range::Fixed(LiteralOr(a[0], UINT64_MAX)));
}
CallEstimate ReverseEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return Allocating(1, c.Size(a[0]));
}
CallEstimate DistinctEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.Size(a[0]);
  return Allocating(2, size * size);
}
template <bool kText>
CallEstimate SortEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.Size(a.back());
  return Allocating(kText ? 2 + kStringTraversalFactor : 2, size * size);
}

#define SORTABLE(T, name, text)                                                                                      \
  {"sort",        "list_" name "_sort", Style::kMember,                                                              \
   "list(" T ")", "list(" T ")",        &SortByKeys,                                                                 \
   &SortCost,     &SortEstimate<text>,  true},                                                                       \
  {                                                                                                                  \
    "@sortByAssociatedKeys", "list_" name "_sortByAssociatedKeys", Style::kMember, "list(T),list(" T ")", "list(T)", \
        &SortByKeys, &SortCost, &SortEstimate<text>, true                                                            \
  }

constexpr OverloadRow kExtension[] = {
    {"slice", "list_slice", Style::kMember, "list(T),int,int", "list(T)", &Slice, &ResultCost, &SliceEstimate},
    {"flatten", "list_flatten", Style::kMember, "list(list(T))", "list(T)", &Flatten, &FlattenCost, &FlattenEstimate,
     true},
    {"flatten", "list_flatten_int", Style::kMember, "list(dyn),int", "list(dyn)", &Flatten, &FlattenCost,
     &FlattenEstimate},
    SORTABLE("int", "int", false),
    SORTABLE("uint", "uint", false),
    SORTABLE("double", "double", false),
    SORTABLE("bool", "bool", false),
    SORTABLE("duration", "google.protobuf.Duration", false),
    SORTABLE("timestamp", "google.protobuf.Timestamp", false),
    SORTABLE("string", "string", true),
    SORTABLE("bytes", "bytes", true),
    {"lists.range", "lists_range", Style::kGlobal, "int", "list(int)", &RangeOf, &RangeCost, &RangeOfEstimate},
    {"reverse", "list_reverse", Style::kMember, "list(T)", "list(T)", &Reverse, &ResultCost, &ReverseEstimate},
    {"distinct", "list_distinct", Style::kMember, "list(T)", "list(T)", &Distinct, &SortCost, &DistinctEstimate},
};

// ---- sets ----------------------------------------------------------------------------------------------------------

uint64_t SetProduct(Arguments a) { return MultiplyCost(CostSize(a[0]), CostSize(a[1])); }

bool Within(const Value& list, const Value& element, Arena& arena) {
  for (int64_t i = 0; i < list.Size(); ++i) {
    if (Equal(list.At(i, arena), element, arena)) return true;
  }
  return false;
}
bool ContainsAll(const Value& list, const Value& part, Arena& arena) {
  for (int64_t i = 0; i < part.Size(); ++i) {
    if (!Within(list, part.At(i, arena), arena)) return false;
  }
  return true;
}
// What cannot be paid for is not computed: its cost ends the run.
Value SetsContains(CallContext& c, Arguments a) {
  return Value::Bool(c.Affords(SetProduct(a)) && ContainsAll(a[0], a[1], c.arena()));
}
Value SetsEquivalent(CallContext& c, Arguments a) {
  return Value::Bool(c.Affords(SetProduct(a)) && ContainsAll(a[0], a[1], c.arena()) &&
                     ContainsAll(a[1], a[0], c.arena()));
}
Value SetsIntersects(CallContext& c, Arguments a) {
  if (!c.Affords(SetProduct(a))) return Value::Bool(false);
  for (int64_t i = 0; i < a[0].Size(); ++i) {
    if (Within(a[1], a[0].At(i, c.arena()), c.arena())) return Value::Bool(true);
  }
  return Value::Bool(false);
}
template <uint64_t kFactor>
uint64_t SetsCost(Arguments a, const Value&) {
  return AddCost(1, MultiplyCost(SetProduct(a), kFactor));
}
template <uint64_t kFactor>
CallEstimate SetsEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = c.Size(a[0]) * c.Size(a[1]) * static_cast<double>(kFactor) + Range::Fixed(1), .size = {}};
}

constexpr OverloadRow kSets[] = {
    {"sets.contains", "list_sets_contains_list", Style::kGlobal, "list(T),list(T)", "bool", &SetsContains, &SetsCost<1>,
     &SetsEstimate<1>},
    {"sets.equivalent", "list_sets_equivalent_list", Style::kGlobal, "list(T),list(T)", "bool", &SetsEquivalent,
     &SetsCost<2>, &SetsEstimate<2>},
    {"sets.intersects", "list_sets_intersects_list", Style::kGlobal, "list(T),list(T)", "bool", &SetsIntersects,
     &SetsCost<1>, &SetsEstimate<1>},
};

}  // namespace

Library KubernetesLists() { return {.name = "kubernetes.lists", .rows = kKubernetes}; }
Library Lists() { return {.name = "lists", .introduced = 34, .rows = kExtension, .costs_by_overload = true}; }
Library Sets() { return {.name = "sets", .introduced = 29, .rows = kSets, .costs_by_overload = true}; }

}  // namespace atoll::cel::lib
