// How trees and lists look. Pure.
#include <algorithm>

#include "common/base/strings.h"
#include "tools/atoll/ws/tree.h"

namespace atoll::cli {
namespace {

constexpr size_t kColumnGap = 2;

struct Row {
  std::vector<std::string> cells;
};

// Characters, for one-column scripts and the lines of trees.
size_t Width(std::string_view s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Cells in columns; the last cell of a row is not padded.
std::string Aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (size_t i = 0; i + 1 < row.cells.size(); ++i) widths[i] = std::max(widths[i], Width(row.cells[i]));
  }
  std::string out;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      out += row.cells[i];
      if (i + 1 < row.cells.size()) out.append(widths[i] - Width(row.cells[i]) + kColumnGap, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string OrDash(std::string_view s, std::string_view otherwise = "-") {
  return std::string(s.empty() ? otherwise : s);
}

void AddRows(const TreeNode& node, const std::string& name, const std::string& indent, bool last,
             const TreeOptions& options, std::vector<Row>* rows) {
  Row row{{StrCat(indent, last ? "└── " : "├── ", name, node.mount ? " [m]" : "")}};
  if (options.wide && !node.mount) {
    row.cells.push_back(StrCat("ws=", OrDash(node.phase)));
    row.cells.push_back(StrCat("lc=", OrDash(node.cluster_phase, "Unknown")));
    row.cells.push_back(StrCat("type=", OrDash(node.type)));
    row.cells.push_back(StrCat("shard=", OrDash(node.shard)));
  }
  rows->push_back(std::move(row));
  for (const TreeNode& child : node.children) {
    AddRows(child, options.full ? StrCat(name, ":", child.name) : child.name, indent + (last ? "    " : "│   "),
            &child == &node.children.back(), options, rows);
  }
}

}  // namespace

std::string TreeText(const TreeNode& top, const TreeOptions& options) {
  std::vector<Row> rows{{{"."}}};
  AddRows(top, options.full ? top.name : Split(top.name).name, "", true, options, &rows);
  return Aligned(rows) + (options.wide ? "" : "\n");
}

json::Value TreeJson(const TreeNode& node) {
  json::Object o{{"name", node.name}};
  const auto add = [&](std::string_view member, const std::string& value) {
    if (!value.empty()) o.Append(std::string(member), value);
  };
  add("path", node.path);
  add("type", node.type);
  add("phase", node.phase);
  add("clusterPhase", node.cluster_phase);
  add("shard", node.shard);
  if (node.mount) o.Append("mount", true);
  if (!node.children.empty()) {
    json::Array children;
    for (const TreeNode& child : node.children) children.push_back(TreeJson(child));
    o.Append("children", std::move(children));
  }
  return o;
}

std::string ListText(const std::vector<TreeNode>& nodes, bool wide) {
  std::vector<Row> rows;
  if (wide && !nodes.empty()) rows.push_back({{"NAME", "TYPE", "PHASE", "SHARD"}});
  for (const TreeNode& node : nodes) {
    Row row{{node.name}};
    if (wide) row.cells.insert(row.cells.end(), {OrDash(node.type), OrDash(node.phase), OrDash(node.shard)});
    rows.push_back(std::move(row));
  }
  return Aligned(rows);
}

}  // namespace atoll::cli
