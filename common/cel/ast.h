// Ast: a parsed expression as one array of nodes, children by index. No allocation per node: names and texts are
// interned, children are ranges of one array.
//
// Nodes refer to children that may stand before or behind them; nothing points at a node twice. Depth is bounded by the
// parser (kDepthMax levels, of which a macro may make a few each), so walks may recurse.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/cel/value.h"

namespace atoll::cel {

using NodeId = uint32_t;
using NameId = uint32_t;
inline constexpr NodeId kNoNode = 0xFFFFFFFF;

enum class NodeKind : uint8_t {
  kLiteral,        // literal
  kIdent,          // name
  kSelect,         // name; child: operand; `flag`: a test for presence (has)
  kCall,           // name; children: arguments, the target first when `flag`
  kList,           // children: elements
  kMap,            // children: key, value, key, value
  kStruct,         // name; children: values; names in `fields`
  kComprehension,  // name: the variable, name2: the second one or none, accu; children: Part
};

// Children of a comprehension.
enum Part : uint32_t { kRange, kInit, kCondition, kStep, kResult, kParts };

struct Node {
  NodeKind kind = NodeKind::kLiteral;
  bool flag = false;
  uint32_t offset = 0;  // in the source, bytes
  NameId name = 0, name2 = 0, accu = 0;
  uint32_t first = 0, count = 0;  // of `children`
  uint32_t literal = 0;           // of `literals`
};

struct Ast {
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<uint8_t> optional;  // beside `children`: marked with `?` in a list, map (on the value) or struct
  std::vector<NameId> fields;     // beside `children`, of structs
  std::vector<Value> literals;    // texts live in `texts`
  Arena texts;
  std::vector<std::string_view> names;
  NodeId root = kNoNode;

  Ast() { Intern(""); }
  const Node& operator[](NodeId id) const { return nodes[id]; }
  std::span<const NodeId> Children(NodeId id) const { return {children.data() + nodes[id].first, nodes[id].count}; }
  NodeId Child(NodeId id, uint32_t i) const { return children[nodes[id].first + i]; }
  bool IsOptional(NodeId id, uint32_t i) const { return optional[nodes[id].first + i] != 0; }
  std::string_view Name(NodeId id) const { return names[nodes[id].name]; }
  bool IsLiteral(NodeId id) const { return nodes[id].kind == NodeKind::kLiteral; }
  const Value& Literal(NodeId id) const { return literals[nodes[id].literal]; }
  NameId Intern(std::string_view name);
  // Macros that only bind a variable: an empty list is ranged over and the result is all there is to it.
  bool IsBind(NodeId id) const;

 private:
  absl::flat_hash_map<std::string_view, NameId> ids_;
};

// What macros expand to accumulates in a variable that no source can name.
inline constexpr std::string_view kAccumulator = "@result";
inline constexpr int kDepthMax = 250;
inline constexpr size_t kCodePointsMax = 100'000;

}  // namespace atoll::cel
