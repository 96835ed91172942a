#include "common/cel/macros.h"

#include "common/base/strings.h"

namespace atoll::cel {
namespace {

struct Call {
  NodeId target;
  std::span<const NodeId> arguments;
  uint32_t offset;
  AstBuilder& build;

  bool IsName(size_t i) const { return build.ast()[arguments[i]].kind == NodeKind::kIdent; }
  std::string_view NameOf(size_t i) const { return build.ast().Name(arguments[i]); }
  NodeId Accu() const { return build.Ident(offset, kAccumulator); }
  NodeId True() const { return build.Literal(offset, Value::Bool(true)); }
};

MacroResult Done(NodeId node) { return {.expanded = true, .node = node}; }
MacroResult Wrong(NodeId at, std::string error) {
  return {.expanded = true, .error_at = at, .error = std::move(error)};
}

// The variable in argument `i`, or an error.
MacroResult CheckVariable(const Call& c, size_t i, std::string_view what) {
  if (!c.IsName(i)) return Wrong(c.arguments[i], std::string(what));
  if (c.NameOf(i) == kAccumulator || c.NameOf(i) == "__result__") {
    return Wrong(c.arguments[i], "iteration variable overwrites accumulator variable");
  }
  return {};
}

// One or two variables in front.
MacroResult CheckVariables(const Call& c, size_t variables, std::string_view what = "argument must be a simple name") {
  for (size_t i = 0; i < variables; ++i) {
    if (!c.IsName(i)) return Wrong(c.arguments[i], std::string(what));
  }
  if (variables == 2 && c.NameOf(0) == c.NameOf(1)) {
    return Wrong(c.arguments[1], StrCat("duplicate variable name: ", c.NameOf(0)));
  }
  for (size_t i = 0; i < variables; ++i) {
    if (MacroResult wrong = CheckVariable(c, i, what); wrong.expanded) return wrong;
  }
  return {};
}

NodeId Loop(const Call& c, size_t variables, NodeId init, NodeId condition, NodeId step, NodeId result) {
  return c.build.Comprehension(c.offset, {.range = c.target,
                                          .variable = c.NameOf(0),
                                          .second = variables == 2 ? c.NameOf(1) : "",
                                          .accumulator = kAccumulator,
                                          .init = init,
                                          .condition = condition,
                                          .step = step,
                                          .result = result});
}

MacroResult Has(const Call& c) {
  const NodeId argument = c.arguments[0];
  const Node node = c.build.ast()[argument];
  if (node.kind != NodeKind::kSelect) return Wrong(argument, "invalid argument to has() macro");
  const std::string_view field = c.build.ast().names[node.name];
  return Done(c.build.Select(c.offset, c.build.ast().Child(argument, 0), field, /*test_only=*/true));
}

MacroResult All(const Call& c, size_t variables) {
  if (MacroResult wrong = CheckVariables(c, variables); wrong.expanded) return wrong;
  const NodeId init = c.True();
  const NodeId condition = c.build.Call(c.offset, "@not_strictly_false", {c.Accu()});
  const NodeId step = c.build.Call(c.offset, "_&&_", {c.Accu(), c.arguments[variables]});
  return Done(Loop(c, variables, init, condition, step, c.Accu()));
}

MacroResult Exists(const Call& c, size_t variables) {
  if (MacroResult wrong = CheckVariables(c, variables); wrong.expanded) return wrong;
  const NodeId init = c.build.Literal(c.offset, Value::Bool(false));
  const NodeId negated = c.build.Call(c.offset, "!_", {c.Accu()});
  const NodeId condition = c.build.Call(c.offset, "@not_strictly_false", {negated});
  const NodeId step = c.build.Call(c.offset, "_||_", {c.Accu(), c.arguments[variables]});
  return Done(Loop(c, variables, init, condition, step, c.Accu()));
}

MacroResult ExistsOne(const Call& c, size_t variables) {
  if (MacroResult wrong = CheckVariables(c, variables); wrong.expanded) return wrong;
  const auto number = [&](int64_t n) { return c.build.Literal(c.offset, Value::Int(n)); };
  const NodeId init = number(0);
  const NodeId condition = c.True();
  const NodeId one_more = c.build.Call(c.offset, "_+_", {c.Accu(), number(1)});
  const NodeId step = c.build.Call(c.offset, "_?_:_", {c.arguments[variables], one_more, c.Accu()});
  const NodeId result = c.build.Call(c.offset, "_==_", {c.Accu(), number(1)});
  return Done(Loop(c, variables, init, condition, step, result));
}

// `step` only where the filter holds.
NodeId Filtered(const Call& c, NodeId filter, NodeId step) {
  return filter == kNoNode ? step : c.build.Call(c.offset, "_?_:_", {filter, step, c.Accu()});
}

// map, transformList: a filter stands between variables and transformation when there are that many arguments.
MacroResult ToList(const Call& c, size_t variables, std::string_view what) {
  if (MacroResult wrong = CheckVariables(c, variables, what); wrong.expanded) return wrong;
  const bool filtered = c.arguments.size() == variables + 2;
  const NodeId init = c.build.List(c.offset, {});
  const NodeId condition = c.True();
  const NodeId element = c.build.List(c.offset, {&c.arguments.back(), 1});
  const NodeId step = c.build.Call(c.offset, "_+_", {c.Accu(), element});
  return Done(
      Loop(c, variables, init, condition, Filtered(c, filtered ? c.arguments[variables] : kNoNode, step), c.Accu()));
}

MacroResult Filter(const Call& c) {
  if (MacroResult wrong = CheckVariables(c, 1, "argument is not an identifier"); wrong.expanded) return wrong;
  const NodeId init = c.build.List(c.offset, {});
  const NodeId condition = c.True();
  const NodeId element = c.build.List(c.offset, {&c.arguments[0], 1});
  const NodeId step = c.build.Call(c.offset, "_+_", {c.Accu(), element});
  return Done(Loop(c, 1, init, condition, Filtered(c, c.arguments[1], step), c.Accu()));
}

// transformMap, transformMapEntry.
MacroResult ToMap(const Call& c, bool entry) {
  if (MacroResult wrong = CheckVariables(c, 2); wrong.expanded) return wrong;
  const bool filtered = c.arguments.size() == 4;
  const NodeId init = c.build.Map(c.offset, {}, {});
  const NodeId condition = c.True();
  const NodeId step = entry ? c.build.Call(c.offset, "cel.@mapInsert", {c.Accu(), c.arguments.back()})
                            : c.build.Call(c.offset, "cel.@mapInsert",
                                           {c.Accu(), c.build.Ident(c.offset, c.NameOf(0)), c.arguments.back()});
  return Done(Loop(c, 2, init, condition, Filtered(c, filtered ? c.arguments[2] : kNoNode, step), c.Accu()));
}

// A variable for the time of `body`: ranges over nothing.
NodeId Bind(const Call& c, std::string_view variable, NodeId value, NodeId body) {
  return c.build.Comprehension(c.offset, {.range = c.build.List(c.offset, {}),
                                          .variable = "#unused",
                                          .second = "",
                                          .accumulator = variable,
                                          .init = value,
                                          .condition = c.build.Literal(c.offset, Value::Bool(false)),
                                          .step = c.build.Ident(c.offset, variable),
                                          .result = body});
}

MacroResult OptMap(const Call& c, std::string_view macro, bool flat) {
  if (!c.IsName(0)) {
    return Wrong(c.arguments[0], StrCat(macro, "() variable name must be a simple identifier"));
  }
  const NodeId value = c.build.Call(c.offset, "value", c.build.Copy(c.target), {});
  NodeId body = Bind(c, c.NameOf(0), value, c.arguments[1]);
  if (!flat) body = c.build.Call(c.offset, "optional.of", {body});
  const NodeId present = c.build.Call(c.offset, "hasValue", c.target, {});
  return Done(c.build.Call(c.offset, "_?_:_", {present, body, c.build.Call(c.offset, "optional.none", {})}));
}

MacroResult SortBy(const Call& c) {
  static constexpr std::string_view kInput = "@__sortBy_input__";
  const NodeKind kind = c.build.ast()[c.target].kind;
  if (kind != NodeKind::kList && kind != NodeKind::kSelect && kind != NodeKind::kIdent &&
      kind != NodeKind::kComprehension && kind != NodeKind::kCall) {
    return Wrong(c.target,
                 "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
  }
  const MacroResult keys =
      ToList({c.build.Ident(c.offset, kInput), c.arguments, c.offset, c.build}, 1, "argument is not an identifier");
  if (keys.node == kNoNode) return keys;
  const NodeId sorted =
      c.build.Call(c.offset, "@sortByAssociatedKeys", c.build.Ident(c.offset, kInput), {&keys.node, 1});
  return Done(Bind(c, kInput, c.target, sorted));
}

}  // namespace

MacroResult ExpandMacro(const MacroSet& set, std::string_view name, NodeId target, std::span<const NodeId> arguments,
                        uint32_t offset, AstBuilder& build) {
  const Call c{target, arguments, offset, build};
  const size_t n = arguments.size();
  if (target == kNoNode) return name == "has" && n == 1 ? Has(c) : MacroResult{};
  if (n == 2) {
    if (name == "all") return All(c, 1);
    if (name == "exists") return Exists(c, 1);
    if (name == "exists_one") return ExistsOne(c, 1);
    if (name == "map") return ToList(c, 1, "argument is not an identifier");
    if (name == "filter") return Filter(c);
    if (name == "optMap" && set.optionals) return OptMap(c, name, /*flat=*/false);
    if (name == "optFlatMap" && set.optionals) return OptMap(c, name, /*flat=*/true);
    if (name == "sortBy" && set.lists) return SortBy(c);
  }
  if (n == 3 && name == "map") return ToList(c, 1, "argument is not an identifier");
  if (!set.two_variables) return {};
  if (n == 3) {
    if (name == "all") return All(c, 2);
    if (name == "exists") return Exists(c, 2);
    if (name == "exists_one" || name == "existsOne") return ExistsOne(c, 2);
  }
  if (n == 3 || n == 4) {
    if (name == "transformList") return ToList(c, 2, "argument must be a simple name");
    if (name == "transformMap") return ToMap(c, /*entry=*/false);
    if (name == "transformMapEntry") return ToMap(c, /*entry=*/true);
  }
  return {};
}

}  // namespace atoll::cel
