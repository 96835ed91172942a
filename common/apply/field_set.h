// FieldSet: a set of field paths of an object, the currency of metadata.managedFields (fieldsV1, KEP-555) and of
// server-side apply.
//
// Kept flat: one array of nodes in document order and one text, whatever the size, so that parsing, combining and
// printing a set costs a handful of allocations and not one a node. Siblings are sorted (path_element.h); each node
// says where its subtree ends. Immutable but for assignment; made by FieldSetBuilder, from fieldsV1 or from other sets.
// The empty path (the object itself) is never in a set. Recursion is as deep as the paths, which come from JSON whose
// depth the parser bounds.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::apply {

class FieldSet {
  struct Node {
    uint32_t text, size;  // the element, in text_
    uint32_t end : 31;    // one past the last node below
    uint32_t member : 1;  // the path itself is in the set
    friend bool operator==(const Node& a, const Node& b) {
      return a.text == b.text && a.size == b.size && a.end == b.end && a.member == b.member;
    }
  };

 public:
  // One level of a set: walks siblings in order.
  class Cursor {
   public:
    Cursor() = default;  // at the end of nothing
    bool done() const { return at_ == end_; }
    std::string_view element() const { return set_->Element(node()); }
    bool member() const { return node().member != 0; }
    bool has_children() const { return node().end != at_ + 1; }
    Cursor children() const { return Cursor(set_, at_ + 1, node().end); }
    void Next() { at_ = node().end; }
    // Moves on to the first sibling that is not before `element`; true when it is that one.
    bool Seek(std::string_view element);

   private:
    friend class FieldSet;
    Cursor(const FieldSet* set, uint32_t at, uint32_t end) : set_(set), at_(at), end_(end) {}
    const Node& node() const { return set_->nodes_[at_]; }
    const FieldSet* set_ = nullptr;
    uint32_t at_ = 0, end_ = 0;
  };

  FieldSet() = default;
  // A set of paths of members: `{{"metadata", "name"}, {"kind"}}`. For tables in code.
  static FieldSet OfMembers(std::initializer_list<std::initializer_list<std::string_view>> paths);

  // Errors: InvalidArgument for what is no fieldsV1. A `.` of the whole object is ignored, as Kubernetes does.
  static absl::StatusOr<FieldSet> FromFieldsV1(const json::Value& fields);
  json::Value ToFieldsV1() const;

  bool empty() const { return nodes_.empty(); }
  Cursor top() const { return Cursor(this, 0, static_cast<uint32_t>(nodes_.size())); }

  FieldSet Union(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  // Exactly the paths of `other` leave.
  FieldSet Difference(const FieldSet& other) const;
  // The paths of `other` leave, and all below them.
  FieldSet Without(const FieldSet& other) const;
  bool Intersects(const FieldSet& other) const { return !Intersection(other).empty(); }

  // Each path as errors name it (`.spec.ports[port=80].name`), a level's own members before what lies deeper.
  void ForEachPath(absl::FunctionRef<void(const std::string& path)> visit) const;

  friend bool operator==(const FieldSet& a, const FieldSet& b) { return a.nodes_ == b.nodes_ && a.text_ == b.text_; }

 private:
  friend class FieldSetBuilder;
  std::string_view Element(const Node& n) const { return std::string_view(text_).substr(n.text, n.size); }

  std::string text_;
  std::vector<Node> nodes_;
};

// Builds a set in one pass over an object. Paths are opened and closed like brackets, siblings in the order of their
// elements; a path becomes part of the set only when something is inserted at or below it.
class FieldSetBuilder {
 public:
  // `kind` is 'f', 'k', 'v' or 'i'; `body` is what follows the colon, and stays valid until Close.
  void Open(char kind, std::string_view body) { open_.push_back({kind, body}); }
  void Open(std::string_view element) { Open(element[0], element.substr(2)); }
  void Insert();  // the open path; nothing when none is open
  void Close();
  FieldSet Finish() { return std::move(set_); }

 private:
  struct Opened {
    char kind;
    std::string_view body;
  };
  FieldSet set_;
  std::vector<Opened> open_;
  std::vector<uint32_t> made_;  // nodes of the first elements of open_
};

}  // namespace atoll::apply
