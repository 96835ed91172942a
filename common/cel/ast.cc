#include "common/cel/ast.h"

namespace atoll::cel {

NameId Ast::Intern(std::string_view name) {
  const auto at = ids_.find(name);
  if (at != ids_.end()) return at->second;
  const std::string_view kept = texts.Copy(name);
  const NameId id = static_cast<NameId>(names.size());
  names.push_back(kept);
  ids_.emplace(kept, id);
  return id;
}

bool Ast::IsBind(NodeId id) const {
  const Node& n = nodes[id];
  return n.kind == NodeKind::kComprehension && names[n.accu] != kAccumulator;
}

}  // namespace atoll::cel
