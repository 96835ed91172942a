#include "shard/dynamic/compile.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/api/kube_version.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/rules/compile.h"
#include "common/schema/load.h"
#include "shard/dynamic/strategy.h"
#include "shard/resources/apiextensions/customresourcedefinition/conditions.h"
#include "shard/resources/schemas.h"

namespace atoll::dynamic {
namespace {

using json::Value;

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

uint64_t ShapeOf(const Value& schema) {
  const std::string digest = Sha256(json::Write(schema));
  uint64_t shape = 0;
  for (size_t i = 0; i < sizeof(shape); ++i) shape = shape << 8 | static_cast<unsigned char>(digest[i]);
  return std::max<uint64_t>(shape, 1);  // 0 means that there is none
}

std::vector<std::string> Strings(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& v : list->array()) out.emplace_back(v.StringOr());
  return out;
}

registry::ScalePaths::Place PlaceOf(const Value& scale, std::string_view member) {
  registry::ScalePaths::Place place;
  place.text = scale.StringAt({member});
  std::string_view rest = place.text;
  while (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const size_t end = std::min(rest.find('.'), rest.size());
    place.path.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return place;
}

std::vector<registry::Column> ColumnsOf(const Value& version) {
  std::vector<registry::Column> columns;
  if (const Value* list = version.Find("additionalPrinterColumns"); list != nullptr && list->is_array()) {
    for (const Value& c : list->array()) {
      registry::Column column;
      column.name = c.StringAt({"name"});
      column.type = c.StringAt({"type"});
      column.format = c.StringAt({"format"});
      column.json_path = c.StringAt({"jsonPath"});
      column.description = c.StringAt({"description"});
      if (column.description.empty())
        column.description = StrCat("Custom resource definition column (in JSONPath format): ", column.json_path);
      column.priority = static_cast<int>(c.IntAt({"priority"}));
      columns.push_back(std::move(column));
    }
  }
  if (columns.empty()) {
    columns.push_back({.name = "Age",
                       .type = "date",
                       .description = "How long ago the object was created.",
                       .json_path = ".metadata.creationTimestamp"});
  }
  return columns;
}

// What is said with each answer in a deprecated version: its own words, or which version to take instead.
std::string DeprecationOf(const Value& crd, const Value& version) {
  if (!version.BoolAt({"deprecated"})) return "";
  if (const Value* warning = version.Find("deprecationWarning"); warning != nullptr)
    return std::string(warning->StringOr());
  const std::string group(crd.StringAt({"spec", "group"})), kind(crd.StringAt({"spec", "names", "kind"})),
      name(version.StringAt({"name"}));
  std::string better;
  for (const Value& other : crd.At({"spec", "versions"})->array()) {
    const std::string candidate(other.StringAt({"name"}));
    if (!other.BoolAt({"served"}) || other.BoolAt({"deprecated"}) || !api::VersionGoesFirst(candidate, name)) continue;
    if (better.empty() || api::VersionGoesFirst(candidate, better)) better = candidate;
  }
  std::string text = StrCat(group, "/", name, " ", kind, " is deprecated");
  if (!better.empty()) StrAppend(&text, "; use ", group, "/", better, " ", kind);
  return text;
}

absl::StatusOr<registry::DefinitionPtr> CompileVersion(const Value& crd, const Value& version) {
  const Value& names = *crd.At({"status", "acceptedNames"});
  auto d = std::make_shared<registry::ResourceDefinition>();
  d->gvr = {std::string(crd.StringAt({"spec", "group"})), std::string(version.StringAt({"name"})),
            std::string(names.StringAt({"plural"}))};
  d->kind = names.StringAt({"kind"});
  d->list_kind = names.StringAt({"listKind"});
  d->singular = names.StringAt({"singular"});
  d->short_names = Strings(names.Find("shortNames"));
  d->categories = Strings(names.Find("categories"));
  d->scope = crd.StringAt({"spec", "scope"}) == "Cluster" ? registry::Scope::kCluster : registry::Scope::kNamespaced;
  d->flavor = registry::Flavor::kCustom;
  d->verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
  d->terminating = api::IsDeleting(crd);
  d->unconditional_update = false;
  d->has_generation = true;
  const Value* schema = version.At({"schema", "openAPIV3Schema"});
  if (schema == nullptr) return absl::InvalidArgumentError("a version without a schema");
  ASSIGN_OR_RETURN(d->schema, schema::LoadSchema(*schema));
  d->shape = ShapeOf(*schema);
  if (version.At({"subresources", "status"}) != nullptr)
    d->subresources.push_back({.name = "status", .verbs = {"get", "patch", "update"}, .kind = {}});
  if (const Value* scale = version.At({"subresources", "scale"}); scale != nullptr) {
    const api::Gvk kind{"autoscaling", "v1", "Scale"};
    d->subresources.push_back(
        {.name = "scale", .verbs = {"get", "patch", "update"}, .kind = kind, .schema = resources::SchemaOf(kind)});
    d->scale = std::make_shared<const registry::ScalePaths>(
        registry::ScalePaths{.spec_replicas = PlaceOf(*scale, "specReplicasPath"),
                             .status_replicas = PlaceOf(*scale, "statusReplicasPath"),
                             .selector = PlaceOf(*scale, "labelSelectorPath")});
  }
  d->columns = ColumnsOf(version);
  if (const Value* fields = version.Find("selectableFields"); fields != nullptr && fields->is_array()) {
    for (const Value& field : fields->array())
      d->selectable_fields.emplace_back(field.StringAt({"jsonPath"}).substr(1));
  }
  d->deprecation_warning = DeprecationOf(crd, version);
  const std::string hash = Sha256(StrCat(d->gvr.group, "/", d->gvr.version, "/", d->kind));
  d->storage_version_hash = absl::Base64Escape(ToAbsl(std::string_view(hash).substr(0, 8)));
  CustomResourceStrategy::Options options;
  options.has_status = d->FindSubresource("status") != nullptr;
  options.scale = d->scale;
  api::FieldErrors broken;
  options.rules = rules::Compile(*schema, "schema", rules::Costs::kUnchecked, &broken);
  if (!broken.empty()) return absl::InvalidArgumentError(broken.front().Line());
  d->strategy = std::make_shared<CustomResourceStrategy>(d->schema, std::move(options));
  return registry::DefinitionPtr(std::move(d));
}

}  // namespace

bool IsServed(const Value& crd) {
  return (resources::HasDefinitionCondition(crd, "NamesAccepted") ||
          resources::HasDefinitionCondition(crd, "Established")) &&
         !crd.StringAt({"status", "acceptedNames", "plural"}).empty();
}

std::string ContentOf(const Value& crd) {
  json::Object content;
  content.Append("deleting", api::IsDeleting(crd));
  for (std::string_view member : {"group", "scope", "versions", "names", "conversion"}) {
    if (const Value* v = crd.At({"spec", member})) content.Append(std::string(member), *v);
  }
  if (const Value* names = crd.At({"status", "acceptedNames"})) content.Append("acceptedNames", *names);
  return Sha256(json::Write(Value(std::move(content))));
}

absl::StatusOr<CompiledPtr> Compile(const Value& crd, std::string content) {
  const Value* versions = crd.At({"spec", "versions"});
  const Value* names = crd.At({"status", "acceptedNames"});
  if (versions == nullptr || !versions->is_array() || names == nullptr || !names->is_object())
    return absl::InvalidArgumentError("a definition without versions or accepted names");
  auto out = std::make_shared<Compiled>();
  out->content = std::move(content);
  out->resource = {std::string(crd.StringAt({"spec", "group"})), std::string(names->StringAt({"plural"}))};
  out->kind = names->StringAt({"kind"});
  out->list_kind = names->StringAt({"listKind"});
  out->singular = names->StringAt({"singular"});
  out->short_names = Strings(names->Find("shortNames"));
  for (const Value& version : versions->array()) {
    const bool served = version.BoolAt({"served"}), storage = version.BoolAt({"storage"});
    if (!served && !storage) continue;
    ASSIGN_OR_RETURN(registry::DefinitionPtr d, CompileVersion(crd, version));
    if (storage) out->stored = d;
    if (served) out->served.push_back(std::move(d));
  }
  if (out->stored == nullptr) return absl::InvalidArgumentError("a definition without a storage version");
  std::sort(out->served.begin(), out->served.end(),
            [](const auto& a, const auto& b) { return api::VersionGoesFirst(a->gvr.version, b->gvr.version); });
  return CompiledPtr(std::move(out));
}

}  // namespace atoll::dynamic
