// RefusedStrategy: for resources that are listed and described but have no effect yet. Storing them would mislead
// whoever relies on them.
#pragma once

#include <string>
#include <utility>

#include "shard/registry/strategy.h"

namespace atoll::resources {

class RefusedStrategy final : public registry::Strategy {
 public:
  RefusedStrategy(std::string field, std::string why) : field_(std::move(field)), why_(std::move(why)) {}
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override {
    return {api::FieldForbidden(field_, why_)};
  }

 private:
  const std::string field_, why_;
};

}  // namespace atoll::resources
