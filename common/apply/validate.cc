#include "common/apply/path_element.h"
#include "common/apply/typed.h"
#include "common/base/strings.h"

#include "absl/container/flat_hash_set.h"

namespace atoll::apply {

namespace {

using json::Value;

class Validator {
 public:
  explicit Validator(Duplicates duplicates) : duplicates_(duplicates) {}

  void Visit(const TypeView& type, const Value& value) {
    switch (type.ShapeOf(value)) {
      case Shape::kScalar:
        if (std::string why = type.ScalarMismatch(value); !why.empty()) Say(why);
        return;
      case Shape::kMap:
        if (value.is_object()) {
          VisitMembers(type, value);
        } else if (!value.is_null()) {
          Say(StrCat("expected map, got &{", PrintGo(value), "}"));
        }
        return;
      case Shape::kList:
        if (value.is_array()) {
          VisitItems(type, value);
        } else if (!value.is_null()) {
          Say(StrCat("expected list, got &{", PrintGo(value), "}"));
        }
        return;
    }
  }

  absl::Status Result() && {
    if (errors_.empty()) return absl::OkStatus();
    if (errors_.size() == 1) return absl::InvalidArgumentError(errors_[0]);
    std::string out = "errors:";
    for (const std::string& e : errors_) StrAppend(&out, "\n  ", e);
    return absl::InvalidArgumentError(out);
  }

 private:
  static constexpr size_t kErrorsMax = 100;

  struct Step {
    char kind;
    std::string_view body;
  };

  void VisitMembers(const TypeView& type, const Value& value) {
    for (const auto& [name, child] : value.object()) {
      const TypeView::MemberType member = type.Member(name);
      path_.push_back({'f', name});
      if (member.known) {
        Visit(member.type, child);
      } else {
        Say("field not declared in schema");
      }
      path_.pop_back();
      if (!member.known) return;  // one a level
    }
  }

  void VisitItems(const TypeView& type, const Value& value) {
    const TypeView item_type = type.Item();
    absl::flat_hash_set<std::string> seen;
    size_t index = 0;
    for (const Value& item : value.array()) {
      std::string element;
      if (type.AtomicList()) {
        element = StrCat("i:", index++);
      } else {
        auto made = type.ItemElement(item);
        if (!made.ok()) {
          Say(StrCat("element ", index, ": ", ToStd(made.status().message())));
          return;
        }
        ++index;
        element = *std::move(made);
        if (!seen.insert(element).second && duplicates_ == Duplicates::kRefused)
          Say(StrCat("duplicate entries for key ", PrintElement(element)));
      }
      path_.push_back({element[0], std::string_view(element).substr(2)});
      Visit(item_type, item);
      path_.pop_back();
    }
  }

  void Say(std::string_view what) {
    if (errors_.size() >= kErrorsMax) return;
    std::string line;
    for (const Step& step : path_) {
      std::string element{step.kind, ':'};
      line += PrintElement(element.append(step.body));
    }
    if (!line.empty()) line += ": ";
    errors_.push_back(line.append(what));
  }

  const Duplicates duplicates_;
  std::vector<Step> path_;
  std::vector<std::string> errors_;
};

}  // namespace

absl::Status Validate(const TypeView& type, const Value& value, Duplicates duplicates) {
  Validator validator(duplicates);
  validator.Visit(type, value);
  return std::move(validator).Result();
}

}  // namespace atoll::apply
