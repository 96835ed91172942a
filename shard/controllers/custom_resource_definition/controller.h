// Custom resource definitions: accepts their names, reports them as established once their resources are served, and
// takes the instances of a deleted one away (spec/api-machinery.md 7.7).
//
// What is established was put into dynamic::CustomResources before its status was written: whoever reads the condition
// finds the resource, its discovery and its schema.
#pragma once

#include <memory>

#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewCustomResourceDefinitionController(const Context& context);

}  // namespace atoll::controllers
