#include "common/cel/ast_builder.h"

namespace atoll::cel {

NodeId AstBuilder::Add(Node node, std::span<const NodeId> children, std::span<const uint8_t> optional,
                       std::span<const std::string_view> fields) {
  node.first = static_cast<uint32_t>(ast_.children.size());
  node.count = static_cast<uint32_t>(children.size());
  int height = 0;
  for (size_t i = 0; i < children.size(); ++i) {
    ast_.children.push_back(children[i]);
    ast_.optional.push_back(optional.empty() ? 0 : optional[i]);
    ast_.fields.push_back(fields.empty() ? 0 : ast_.Intern(fields[i]));
    height = std::max<int>(height, heights_[children[i]]);
  }
  ast_.nodes.push_back(node);
  heights_.push_back(static_cast<uint16_t>(std::min(height + 1, 0xFFFF)));
  height_max_ = std::max<int>(height_max_, heights_.back());
  return static_cast<NodeId>(ast_.nodes.size() - 1);
}

NodeId AstBuilder::Literal(uint32_t offset, const Value& value) {
  Value kept = value;
  if (value.is_string()) kept = Value::String(ast_.texts.Copy(value.text()));
  if (value.is_bytes()) kept = Value::Bytes(ast_.texts.Copy(value.text()));
  ast_.literals.push_back(kept);
  return Add({.kind = NodeKind::kLiteral, .offset = offset, .literal = static_cast<uint32_t>(ast_.literals.size() - 1)},
             {});
}

NodeId AstBuilder::Ident(uint32_t offset, std::string_view name) {
  return Add({.kind = NodeKind::kIdent, .offset = offset, .name = ast_.Intern(name)}, {});
}

NodeId AstBuilder::Select(uint32_t offset, NodeId operand, std::string_view field, bool test_only) {
  return Add({.kind = NodeKind::kSelect, .flag = test_only, .offset = offset, .name = ast_.Intern(field)},
             {&operand, 1});
}

NodeId AstBuilder::Call(uint32_t offset, std::string_view function, NodeId target, std::span<const NodeId> arguments) {
  std::vector<NodeId> children;
  if (target != kNoNode) children.push_back(target);
  children.insert(children.end(), arguments.begin(), arguments.end());
  return Add({.kind = NodeKind::kCall, .flag = target != kNoNode, .offset = offset, .name = ast_.Intern(function)},
             children);
}

NodeId AstBuilder::List(uint32_t offset, std::span<const NodeId> elements, std::span<const uint8_t> optional) {
  return Add({.kind = NodeKind::kList, .offset = offset}, elements, optional);
}

NodeId AstBuilder::Map(uint32_t offset, std::span<const NodeId> entries, std::span<const uint8_t> optional) {
  return Add({.kind = NodeKind::kMap, .offset = offset}, entries, optional);
}

NodeId AstBuilder::Struct(uint32_t offset, std::string_view name, std::span<const std::string_view> fields,
                          std::span<const NodeId> values, std::span<const uint8_t> optional) {
  return Add({.kind = NodeKind::kStruct, .offset = offset, .name = ast_.Intern(name)}, values, optional, fields);
}

NodeId AstBuilder::Comprehension(uint32_t offset, const Loop& loop) {
  const NodeId children[kParts] = {loop.range, loop.init, loop.condition, loop.step, loop.result};
  return Add({.kind = NodeKind::kComprehension,
              .offset = offset,
              .name = ast_.Intern(loop.variable),
              .name2 = ast_.Intern(loop.second),
              .accu = ast_.Intern(loop.accumulator)},
             children);
}

NodeId AstBuilder::Copy(NodeId id) {
  const Node node = ast_[id];
  std::vector<NodeId> children;
  std::vector<uint8_t> optional;
  std::vector<std::string_view> fields;
  for (uint32_t i = 0; i < node.count; ++i) {
    children.push_back(Copy(ast_.children[node.first + i]));
    optional.push_back(ast_.optional[node.first + i]);
    fields.push_back(ast_.names[ast_.fields[node.first + i]]);
  }
  return Add(node, children, optional, fields);
}

}  // namespace atoll::cel
