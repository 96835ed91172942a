#include "common/json/patch.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::json {
namespace {

constexpr size_t kCopiedBytesMax = 3 * 1024 * 1024;
constexpr int kDepthMax = 512;

std::string_view GoKind(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
  }
  return "";
}

int Depth(const Value& v) {
  int deepest = 0;
  if (v.is_array()) {
    for (const Value& item : v.array()) deepest = std::max(deepest, Depth(item));
  } else if (v.is_object()) {
    for (const auto& [key, member] : v.object()) deepest = std::max(deepest, Depth(member));
  } else {
    return 0;
  }
  return deepest + 1;
}

absl::Status Refuse(std::string message) { return absl::FailedPreconditionError(message); }
absl::Status Missing(std::string_view path) { return Refuse(StrCat("path \"", path, "\" does not exist")); }

// RFC 6901: the reference tokens, unescaped. Whatever stands before the first slash is not looked at.
using Pointer = std::vector<std::string>;

absl::StatusOr<Pointer> ParsePointer(std::string_view text) {
  Pointer tokens;
  if (text.empty()) return tokens;
  const size_t start = text.find('/');
  if (start == std::string_view::npos) return Refuse(StrCat("path \"", text, "\" has no slash"));
  std::string token;
  for (size_t i = start + 1; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '/') {
      tokens.push_back(std::move(token));
      token.clear();
    } else if (text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
      token.push_back(text[++i] == '0' ? '~' : '/');
    } else {
      token.push_back(text[i]);
    }
  }
  if (tokens.size() > static_cast<size_t>(kDepthMax)) return Refuse("path is too deep");
  return tokens;
}

// A place among `size` items; negative ones count from the end.
std::optional<size_t> ParseIndex(std::string_view token, size_t size) {
  int64_t index = 0;
  if (token.size() > 1 && token[0] == '+' && token[1] != '-') token.remove_prefix(1);
  const auto [end, ec] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (ec != std::errc() || end != token.data() + token.size()) return std::nullopt;
  if (index < 0) index += static_cast<int64_t>(size);
  if (index < 0 || index >= static_cast<int64_t>(size)) return std::nullopt;
  return static_cast<size_t>(index);
}

Value* Child(Value* v, std::string_view token) {
  if (v->is_object()) return v->Find(token);
  if (!v->is_array()) return nullptr;
  const std::optional<size_t> index = ParseIndex(token, v->array().size());
  return index ? &v->array()[*index] : nullptr;
}

// Follows the first `count` tokens.
Value* Follow(Value* v, const Pointer& pointer, size_t count) {
  for (size_t i = 0; i < count && v != nullptr; ++i) v = Child(v, pointer[i]);
  return v;
}
Value* Follow(Value* v, const Pointer& pointer) { return Follow(v, pointer, pointer.size()); }

class Patcher {
 public:
  explicit Patcher(Value* document) : document_(document) {}

  absl::Status Apply(const Value& operation) {
    const std::string_view op = operation.StringAt({"op"});
    const Value* path = operation.Find("path");
    if (path == nullptr || !path->is_string()) return Refuse("an operation has no path");
    static const Value kNull;
    const Value* sent = operation.Find("value");
    const Value& value = sent == nullptr ? kNull : *sent;  // absent is null
    if (op == "remove") return Take(path->string()).status();
    if (op == "add") return Add(path->string(), value);
    if (op == "replace") return Replace(path->string(), value);
    if (op == "test") return Test(path->string(), value);
    if (op != "move" && op != "copy") return Refuse(StrCat("unexpected operation \"", op, "\""));
    const Value* from = operation.Find("from");
    if (from == nullptr || !from->is_string()) return Refuse(StrCat("operation ", op, " has no from"));
    return op == "copy" ? Copy(from->string(), path->string()) : Move(from->string(), path->string());
  }

 private:
  absl::Status Add(std::string_view path, Value value) {
    ASSIGN_OR_RETURN(const Pointer pointer, ParsePointer(path));
    if (static_cast<int>(pointer.size()) + Depth(value) > kDepthMax) return Refuse("the document becomes too deep");
    Value* parent = pointer.empty() ? nullptr : Follow(document_, pointer, pointer.size() - 1);
    if (parent == nullptr) return Missing(path);
    const std::string& last = pointer.back();
    if (parent->is_object()) {
      parent->object().Set(last, std::move(value));
      return absl::OkStatus();
    }
    if (!parent->is_array()) return Missing(path);
    Array& items = parent->array();
    if (last == "-") {
      items.push_back(std::move(value));
      return absl::OkStatus();
    }
    const std::optional<size_t> index = ParseIndex(last, items.size() + 1);
    if (!index) return Missing(path);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return absl::OkStatus();
  }

  absl::StatusOr<Value> Take(std::string_view path) {
    ASSIGN_OR_RETURN(const Pointer pointer, ParsePointer(path));
    if (pointer.empty()) return Refuse("the whole document cannot be removed");
    Value* parent = Follow(document_, pointer, pointer.size() - 1);
    Value* child = parent == nullptr ? nullptr : Child(parent, pointer.back());
    if (child == nullptr) return Missing(path);
    Value taken = std::move(*child);
    if (parent->is_object()) {
      parent->object().Erase(pointer.back());
    } else {
      parent->array().erase(parent->array().begin() + (child - parent->array().data()));
    }
    return taken;
  }

  absl::Status Replace(std::string_view path, Value value) {
    ASSIGN_OR_RETURN(const Pointer pointer, ParsePointer(path));
    if (static_cast<int>(pointer.size()) + Depth(value) > kDepthMax) return Refuse("the document becomes too deep");
    if (pointer.empty() && !value.is_object() && !value.is_array()) return Refuse("a document is an object or a list");
    if (Value* target = Follow(document_, pointer); target != nullptr) {
      *target = std::move(value);
      return absl::OkStatus();
    }
    // A member that is not there is set: RFC 6902 would refuse, Kubernetes' library does not.
    Value* parent = pointer.empty() ? nullptr : Follow(document_, pointer, pointer.size() - 1);
    if (parent == nullptr || !parent->is_object()) return Missing(path);
    parent->object().Append(pointer.back(), std::move(value));
    return absl::OkStatus();
  }

  // An absent member counts as null; an item that is not there is an error.
  absl::Status Test(std::string_view path, const Value& value) {
    ASSIGN_OR_RETURN(const Pointer pointer, ParsePointer(path));
    ASSIGN_OR_RETURN(const Value actual, Read(path, pointer));
    if (actual == value) return absl::OkStatus();
    return Refuse(StrCat("testing value \"", path, "\" failed"));
  }

  absl::StatusOr<Value> Read(std::string_view path, const Pointer& pointer) {
    if (const Value* value = Follow(document_, pointer); value != nullptr) return *value;
    const Value* parent = pointer.empty() ? nullptr : Follow(document_, pointer, pointer.size() - 1);
    if (parent == nullptr || !parent->is_object()) return Missing(path);
    return Value();
  }

  absl::Status Copy(std::string_view from, std::string_view path) {
    ASSIGN_OR_RETURN(const Pointer pointer, ParsePointer(from));
    if (pointer.empty()) return Missing(from);
    ASSIGN_OR_RETURN(Value source, Read(from, pointer));
    copied_bytes_ += Write(source).size();
    if (copied_bytes_ > kCopiedBytesMax) return Refuse("the copied values are too large");
    return Add(path, std::move(source));
  }

  absl::Status Move(std::string_view from, std::string_view path) {
    ASSIGN_OR_RETURN(Value taken, Take(from));
    return Add(path, std::move(taken));
  }

  Value* const document_;
  size_t copied_bytes_ = 0;
};

// Members by key. Built only for large objects: a patch of many members on a document of many members must stay linear.
class MemberIndex {
 public:
  explicit MemberIndex(const Object* object) : object_(object) {
    constexpr size_t kLinearMembersMax = 32;
    if (object->size() <= kLinearMembersMax) return;
    indexed_ = true;
    for (size_t i = 0; i < object->size(); ++i)
      positions_.emplace((object->begin() + static_cast<std::ptrdiff_t>(i))->first, i);
  }
  const Value* Find(std::string_view key) const {
    if (!indexed_) return object_->Find(key);
    const auto it = positions_.find(std::string(key));
    return it == positions_.end() ? nullptr : &(object_->begin() + static_cast<std::ptrdiff_t>(it->second))->second;
  }

 private:
  const Object* const object_;
  bool indexed_ = false;
  absl::flat_hash_map<std::string, size_t> positions_;
};

// Objects in a patch's value hold no nulls afterwards, in lists neither.
void DropNulls(Value* v) {
  if (v->is_array()) {
    for (Value& item : v->array()) DropNulls(&item);
  } else if (v->is_object()) {
    std::erase_if(v->object().members(), [](const Object::Member& m) { return m.second.is_null(); });
    for (auto& [key, member] : v->object()) DropNulls(&member);
  }
}

// A value of the patch at a member that has one already. A list in the place of an object is taken as it is; nulls in
// what else is replaced are dropped, as Kubernetes' library does.
void MergeInto(const Value& patch, Value* old) {
  if (patch.is_object() && old->is_object()) {
    ApplyMergePatch(patch, old);
    return;
  }
  const bool as_it_is = old->is_object();
  *old = patch;
  if (!as_it_is) DropNulls(old);
}

}  // namespace

absl::Status ApplyJsonPatch(const Value& patch, Value* document) {
  constexpr std::string_view kType = "handlers.jsonPatchOp";
  if (!patch.is_array()) {
    return absl::InvalidArgumentError(
        StrCat("json: cannot unmarshal ", GoKind(patch), " into Go value of type []", kType));
  }
  for (const Value& operation : patch.array()) {
    if (!operation.is_object()) {
      return absl::InvalidArgumentError(
          StrCat("json: cannot unmarshal ", GoKind(operation), " into Go value of type ", kType));
    }
  }
  Patcher patcher(document);
  for (const Value& operation : patch.array()) RETURN_IF_ERROR(patcher.Apply(operation));
  return absl::OkStatus();
}

void ApplyMergePatch(const Value& patch, Value* document) {
  if (!patch.is_object()) {
    *document = patch;
    return;
  }
  if (!document->is_object()) *document = Value::MakeObject();
  Object& target = document->object();
  const MemberIndex index(&target);
  std::vector<Object::Member> added;  // appended at the end: the index holds positions
  bool removes = false;
  for (const auto& [key, value] : patch.object()) {
    Value* old = const_cast<Value*>(index.Find(key));  // of `target`, which is ours to change
    if (value.is_null()) {
      removes |= old != nullptr;
      if (old != nullptr) *old = Value();
    } else if (old != nullptr) {
      MergeInto(value, old);
    } else {
      added.emplace_back(key, value);
      DropNulls(&added.back().second);
    }
  }
  if (removes) {
    const MemberIndex patch_index(&patch.object());
    std::erase_if(target.members(), [&](const Object::Member& m) {
      const Value* in_patch = patch_index.Find(m.first);
      return in_patch != nullptr && in_patch->is_null();
    });
  }
  for (Object::Member& m : added) target.Append(std::move(m.first), std::move(m.second));
}

}  // namespace atoll::json
