// AstBuilder: appends nodes to an Ast and knows how high the tree below each is.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "common/cel/ast.h"

namespace atoll::cel {

class AstBuilder {
 public:
  // Trees are no higher; a parser refuses what is.
  static constexpr int kHeightMax = 3 * kDepthMax;

  explicit AstBuilder(Ast* ast) : ast_(*ast) {}

  NodeId Literal(uint32_t offset, const Value& value);
  NodeId Ident(uint32_t offset, std::string_view name);
  NodeId Select(uint32_t offset, NodeId operand, std::string_view field, bool test_only = false);
  NodeId Call(uint32_t offset, std::string_view function, std::initializer_list<NodeId> arguments) {
    return Call(offset, function, kNoNode, {arguments.begin(), arguments.size()});
  }
  // A member call when there is a target.
  NodeId Call(uint32_t offset, std::string_view function, NodeId target, std::span<const NodeId> arguments);
  // `optional` has a mark for each child, or is empty.
  NodeId List(uint32_t offset, std::span<const NodeId> elements, std::span<const uint8_t> optional = {});
  NodeId Map(uint32_t offset, std::span<const NodeId> entries, std::span<const uint8_t> optional);
  NodeId Struct(uint32_t offset, std::string_view name, std::span<const std::string_view> fields,
                std::span<const NodeId> values, std::span<const uint8_t> optional);
  struct Loop {
    NodeId range;
    std::string_view variable, second, accumulator;
    NodeId init, condition, step, result;
  };
  NodeId Comprehension(uint32_t offset, const Loop& loop);
  // A deep copy.
  NodeId Copy(NodeId id);

  Ast& ast() { return ast_; }
  int height(NodeId id) const { return heights_[id]; }
  int height_max() const { return height_max_; }

 private:
  NodeId Add(Node node, std::span<const NodeId> children, std::span<const uint8_t> optional = {},
             std::span<const std::string_view> fields = {});

  Ast& ast_;
  std::vector<uint16_t> heights_;
  int height_max_ = 0;
};

}  // namespace atoll::cel
