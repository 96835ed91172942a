#include "shard/admission/reserved_definitions/plugin.h"

#include <string>
#include <vector>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::admission {
namespace {

constexpr std::string_view kGroup = "apis.kcp.io";
constexpr std::string_view kOfDefinitions = "system:system-crds", kOfBindings = "system:bound-crds";

std::string Reserved(const json::Value& crd) {
  std::vector<std::string> lines;
  if (const json::Value* annotations = crd.At({"metadata", "annotations"});
      annotations != nullptr && annotations->is_object()) {
    for (const auto& [name, value] : annotations->object()) {
      const std::string_view domain = std::string_view(name).substr(0, name.find('/'));
      if (domain == kGroup || domain.ends_with(StrCat(".", kGroup)))
        lines.push_back(StrCat(name, " is a reserved annotation"));
    }
  }
  if (lines.empty()) return "";
  return lines.size() == 1 ? lines[0] : StrCat("[", StrJoin(lines, ", "), "]");
}

class ReservedDefinitions final : public Plugin {
 public:
  Task<absl::Status> Validate(Attributes& a) override {
    if (!a.Is("apiextensions.k8s.io", "customresourcedefinitions", a.ctx.subresource) || a.object == nullptr)
      co_return absl::OkStatus();
    const std::string& cluster = a.ctx.cluster.id.name();
    const auto refuse = [&](std::string_view why) {
      return api::Forbidden(a.ctx.definition->gr(), api::Name(*a.object), why);
    };
    if (const std::string why = Reserved(*a.object); !why.empty() && cluster != kOfBindings) co_return refuse(why);
    const std::string_view group = a.object->StringAt({"spec", "group"});
    if (group.ends_with(kGroup) && cluster != kOfDefinitions) co_return refuse(StrCat(group, " is a reserved group"));
    co_return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Plugin> NewReservedDefinitions() { return std::make_unique<ReservedDefinitions>(); }

}  // namespace atoll::admission
