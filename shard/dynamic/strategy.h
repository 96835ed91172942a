// How objects of a custom resource behave: their schema judges them (spec/api-machinery.md 7.4, 7.5). Immutable, shared
// by all workspaces with the same definition; thread-safe.
#pragma once

#include <memory>

#include "common/rules/rule_set.h"
#include "common/schema/schema.h"
#include "shard/registry/definition.h"
#include "shard/registry/strategy.h"

namespace atoll::dynamic {

class CustomResourceStrategy final : public registry::Strategy {
 public:
  struct Options {
    bool has_status = false;
    std::shared_ptr<const registry::ScalePaths> scale;  // null: no such subresource
    rules::RuleSetPtr rules;                            // null: there are none
  };
  CustomResourceStrategy(schema::SchemaPtr schema, Options options)
      : schema_(std::move(schema)), options_(std::move(options)) {}

  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;

 private:
  void JudgeByRules(const registry::StrategyContext& ctx, const json::Value& object, const json::Value* old,
                    api::FieldErrors* errors) const;

  const schema::SchemaPtr schema_;
  const Options options_;
};

// What scale shows must be numbers that it can show. `status_only`: the rest was not written.
void CheckScale(const registry::ScalePaths& scale, const json::Value& object, bool status_only,
                api::FieldErrors* errors);

}  // namespace atoll::dynamic
