// Declarations: what expressions may say of values that a structural schema describes. A type for the checker, and
// bounds of sizes for cost estimates, counted as every Kubernetes server counts them: the estimates decide which rules
// may be stored.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/cel/cost.h"
#include "common/cel/type.h"
#include "common/json/value.h"

namespace atoll::rules {

// A schema node as expressions see it.
struct Declaration {
  const cel::Type* type = nullptr;
  int64_t bytes_min = 0;     // of its JSON
  int64_t elements_max = 0;  // of lists, maps and strings; 0 for everything else
  const Declaration *element = nullptr, *key = nullptr;
  std::vector<std::pair<std::string, const Declaration*>> fields;  // by the name that expressions use

  const Declaration* Field(std::string_view name) const;
};

// The name of a member in expressions; nullopt when it has none and cannot be spoken of.
std::optional<std::string> EscapedName(std::string_view member);

// Makes and keeps declarations of one schema. Used by one thread until all are made; then const.
class Declarations {
 public:
  Declarations() : pool_(std::make_shared<cel::TypePool>()) {}

  // `resource`: the node has apiVersion, kind and metadata, whatever it says. Null when expressions cannot speak of
  // such a value. Recursion is bounded by the depth of the schema.
  const Declaration* Declare(const json::Value& schema, bool resource);
  std::shared_ptr<const cel::TypePool> pool() const { return pool_; }
  cel::TypePool& mutable_pool() { return *pool_; }

 private:
  const Declaration* Simple(const cel::Type* type, int64_t bytes_min, int64_t elements_max);
  const Declaration* Text(const json::Value& schema);
  const Declaration* Object(const json::Value& schema, bool resource);
  const Declaration* Map(const json::Value& schema);
  const Declaration* List(const json::Value& schema);
  const cel::Type* Nullable(const json::Value& schema, const cel::Type* type);

  std::shared_ptr<cel::TypePool> pool_;
  std::deque<Declaration> all_;
};

// Sizes of what `self` and `oldSelf` hold.
class DeclaredSizes final : public cel::SizeEstimator {
 public:
  explicit DeclaredSizes(const Declaration* root) : root_(*root) {}
  std::optional<cel::Range> EstimateSize(const std::vector<std::string>& path, const cel::Type& type) const override;

 private:
  const Declaration& root_;
};

}  // namespace atoll::rules
