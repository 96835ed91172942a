// Deletes what has come to its end (rules.h): one controller a rule. An object that is not due is looked at again when
// it is; until then its key is parked, which costs its name in the saved cursor.
#pragma once

#include <memory>

#include "shard/controllers/cleaner/rules.h"
#include "shard/controllers/context.h"
#include "shard/controllers/framework/controller.h"

namespace atoll::controllers {

std::unique_ptr<Controller> NewCleaner(const Context& context, const CleaningRule& rule);

}  // namespace atoll::controllers
