// Admission: what must look at other objects, or at who asks, before a write is stored. One folder a plugin, one row in
// chain.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "shard/registry/registry.h"

namespace atoll::admission {

enum class Operation : uint8_t { kCreate, kUpdate, kDelete };

struct Attributes {
  Operation operation;
  registry::CallContext& ctx;     // user, cluster, definition, ns, name, subresource, warnings
  json::Value* object;            // null for kDelete; plugins may change it in Mutate
  const json::Value* old_object;  // null for kCreate
  bool dry_run = false;

  bool Is(std::string_view group, std::string_view resource, std::string_view subresource = "") const {
    return ctx.definition->gvr.group == group && ctx.definition->gvr.resource == resource &&
           ctx.subresource == subresource;
  }
};

// Stateless or internally synchronized; called from any loop. Errors are answered to the client as they are
// (api/errors.h).
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual Task<absl::Status> Mutate(Attributes& attributes) { co_return absl::OkStatus(); }
  virtual Task<absl::Status> Validate(Attributes& attributes) { co_return absl::OkStatus(); }
};

class Chain {
 public:
  void Add(std::string name, std::unique_ptr<Plugin> plugin);
  Task<absl::Status> Mutate(Attributes& attributes) const;
  Task<absl::Status> Validate(Attributes& attributes) const;

 private:
  struct Row {
    std::string name;
    std::unique_ptr<Plugin> plugin;
  };
  std::vector<Row> rows_;
};

}  // namespace atoll::admission
