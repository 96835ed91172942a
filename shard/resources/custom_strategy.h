// CustomStrategy: how resources behave that kcp serves from a CustomResourceDefinition. Validation is the schema's;
// what the reference says in CEL transition rules is a table here, with the same texts (spec/tenancy.md 2.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/schema/schema.h"
#include "shard/registry/strategy.h"

namespace atoll::resources {

// A rule between the old and the new value at `path`, looked at only when it is there before and after.
struct TransitionRule {
  enum class Must : uint8_t {
    kStayEqual,      // `child` has the same value, absent counting as one
    kStayPresent,    // `child` is not removed
    kKeepPresence,   // `child` is neither added nor removed
    kStayEqualIfSet  // `child` has the same value when it is there before and after
  };
  std::vector<std::string> path;  // names of members; the field that the error names
  std::string child;              // "": the value at `path` itself
  Must must = Must::kStayEqual;
  std::string message;
};

class CustomStrategy : public registry::Strategy {
 public:
  struct Options {
    bool has_status = false;
    schema::SchemaPtr name_schema;  // of metadata.name, beyond what every object's name must be
    std::vector<TransitionRule> transitions;
  };
  CustomStrategy(schema::SchemaPtr schema, Options options);

  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  bool BumpsGeneration(const json::Value& object, const json::Value& old) const override;

 private:
  void CheckName(const json::Value& object, api::FieldErrors* errors) const;
  void CheckTransitions(const json::Value& object, const json::Value& old, api::FieldErrors* errors) const;

  const schema::SchemaPtr schema_;
  const Options options_;
};

// What kcp demands of the names of workspaces and their types: `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`.
schema::SchemaPtr WorkspaceNameSchema();
// The one name that is allowed.
schema::SchemaPtr FixedNameSchema(std::string_view only);

}  // namespace atoll::resources
