// What transformMap and transformMapEntry expand to. The machine builds such maps in place (Op::kInsert); these rows
// are for the checker.
#include "common/cel/lib/libraries.h"

namespace atoll::cel::lib {
namespace {

Value Unused(CallContext&, Arguments) { return Value::NoSuchOverload(); }

constexpr OverloadRow kRows[] = {
    {"cel.@mapInsert", "@mapInsert_map_key_value", Style::kGlobal, "map(K,V),K,V", "map(K,V)", &Unused},
    {"cel.@mapInsert", "@mapInsert_map_map", Style::kGlobal, "map(K,V),map(K,V)", "map(K,V)", &Unused},
};

}  // namespace

Library TwoVariables() { return {.name = "two-variable comprehensions", .introduced = 32, .rows = kRows}; }

}  // namespace atoll::cel::lib
