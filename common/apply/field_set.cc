#include "common/apply/field_set.h"

#include <algorithm>
#include <utility>

#include "common/apply/path_element.h"
#include "common/base/status.h"

namespace atoll::apply {

namespace {

using json::Value;
using Cursor = FieldSet::Cursor;

enum class Combine : uint8_t { kUnion, kIntersection, kDifference, kWithout };

// One element that is in `a`, in `b` or in both, then what is below.
void Merge(Combine how, Cursor a, Cursor b, FieldSetBuilder* out) {
  while (!a.done() || !b.done()) {
    const int order = a.done() ? 1 : b.done() ? -1 : CompareElements(a.element(), b.element());
    if (order < 0 && how == Combine::kIntersection) {
      a.Next();
      continue;
    }
    if (order > 0 && how != Combine::kUnion) {
      b.Next();
      continue;
    }
    if (order == 0 && how == Combine::kWithout && b.member()) {
      a.Next();
      b.Next();
      continue;
    }
    const Cursor& from = order <= 0 ? a : b;
    out->Open(from.element());
    const bool in_a = order <= 0 && a.member(), in_b = order >= 0 && b.member();
    const bool in = how == Combine::kUnion          ? in_a || in_b
                    : how == Combine::kIntersection ? in_a && in_b
                                                    : in_a && !in_b;
    if (in) out->Insert();
    Merge(how, order <= 0 ? a.children() : Cursor(), order >= 0 ? b.children() : Cursor(), out);
    out->Close();
    if (order <= 0) a.Next();
    if (order >= 0) b.Next();
  }
}

FieldSet Combined(Combine how, const FieldSet& a, const FieldSet& b) {
  FieldSetBuilder out;
  Merge(how, a.top(), b.top(), &out);
  return out.Finish();
}

json::Object Print(Cursor level) {
  json::Object out;
  for (; !level.done(); level.Next()) {
    json::Object below;
    if (level.has_children()) {
      below = Print(level.children());
      if (level.member()) {
        below.members().insert(below.members().begin(), {".", Value::MakeObject()});
      }
    }
    out.Append(std::string(level.element()), Value(std::move(below)));
  }
  return out;
}

struct Parsed {
  std::string_view source;
  std::string canonical;  // when the source is not
  const Value* below;
  std::string_view element() const { return canonical.empty() ? source : canonical; }
};

absl::Status Parse(const Value& fields, FieldSetBuilder* out) {
  if (!fields.is_object()) return absl::InvalidArgumentError("fieldsV1 must be an object");
  std::vector<Parsed> level;
  level.reserve(fields.object().size());
  for (const auto& [element, below] : fields.object()) {
    if (element == ".") continue;
    if (!below.is_object()) return absl::InvalidArgumentError("fieldsV1 must be an object");
    Parsed parsed{element, {}, &below};
    if (element.size() < 2 || element[0] != 'f' || element[1] != ':') {
      ASSIGN_OR_RETURN(parsed.canonical, CanonicalElement(element));
    }
    level.push_back(std::move(parsed));
  }
  const auto before = [](const Parsed& a, const Parsed& b) { return CompareElements(a.element(), b.element()) < 0; };
  if (!std::is_sorted(level.begin(), level.end(), before)) std::stable_sort(level.begin(), level.end(), before);
  for (size_t i = 0; i < level.size(); ++i) {
    // Two spellings of one element (`k:` with its names in another order): the last one counts.
    if (i + 1 < level.size() && level[i].element() == level[i + 1].element()) continue;
    const Value& below = *level[i].below;
    out->Open(level[i].element());
    if (below.object().empty() || below.Find(".") != nullptr) out->Insert();
    RETURN_IF_ERROR(Parse(below, out));
    out->Close();
  }
  return absl::OkStatus();
}

void Visit(Cursor level, std::string* path, absl::FunctionRef<void(const std::string&)> visit) {
  const size_t length = path->size();
  for (Cursor c = level; !c.done(); c.Next()) {
    if (!c.member()) continue;
    path->append(PrintElement(c.element()));
    visit(*path);
    path->resize(length);
  }
  for (Cursor c = level; !c.done(); c.Next()) {
    if (!c.has_children()) continue;
    path->append(PrintElement(c.element()));
    Visit(c.children(), path, visit);
    path->resize(length);
  }
}

}  // namespace

bool FieldSet::Cursor::Seek(std::string_view element) {
  for (; !done(); Next()) {
    const int order = CompareElements(this->element(), element);
    if (order >= 0) return order == 0;
  }
  return false;
}

FieldSet FieldSet::OfMembers(std::initializer_list<std::initializer_list<std::string_view>> paths) {
  FieldSet out;
  for (const auto& path : paths) {
    FieldSetBuilder one;
    for (std::string_view name : path) one.Open('f', name);
    one.Insert();
    for (size_t i = 0; i < path.size(); ++i) one.Close();
    out = out.Union(one.Finish());
  }
  return out;
}

absl::StatusOr<FieldSet> FieldSet::FromFieldsV1(const Value& fields) {
  FieldSetBuilder out;
  RETURN_IF_ERROR(Parse(fields, &out));
  return out.Finish();
}

Value FieldSet::ToFieldsV1() const { return Value(Print(top())); }

FieldSet FieldSet::Union(const FieldSet& other) const {
  if (other.empty()) return *this;
  return empty() ? other : Combined(Combine::kUnion, *this, other);
}

FieldSet FieldSet::Intersection(const FieldSet& other) const {
  if (empty() || other.empty()) return FieldSet();
  return Combined(Combine::kIntersection, *this, other);
}

FieldSet FieldSet::Difference(const FieldSet& other) const {
  if (empty() || other.empty()) return *this;
  return Combined(Combine::kDifference, *this, other);
}

FieldSet FieldSet::Without(const FieldSet& other) const {
  if (empty() || other.empty()) return *this;
  return Combined(Combine::kWithout, *this, other);
}

void FieldSet::ForEachPath(absl::FunctionRef<void(const std::string& path)> visit) const {
  std::string path;
  Visit(top(), &path, visit);
}

void FieldSetBuilder::Insert() {
  if (open_.empty()) return;
  for (size_t i = made_.size(); i < open_.size(); ++i) {
    const auto at = static_cast<uint32_t>(set_.text_.size());
    set_.text_ += open_[i].kind;
    set_.text_ += ':';
    set_.text_ += open_[i].body;
    made_.push_back(static_cast<uint32_t>(set_.nodes_.size()));
    set_.nodes_.push_back({at, static_cast<uint32_t>(open_[i].body.size() + 2), 0, 0});
  }
  set_.nodes_[made_.back()].member = 1;
}

void FieldSetBuilder::Close() {
  if (made_.size() == open_.size()) {
    set_.nodes_[made_.back()].end = static_cast<uint32_t>(set_.nodes_.size()) & 0x7fffffffU;
    made_.pop_back();
  }
  open_.pop_back();
}

}  // namespace atoll::apply
