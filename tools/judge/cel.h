// What atoll-judge says of expressions.
#pragma once

#include "common/json/value.h"

namespace atoll::judge {

// {"do":"cel", "expression":…, "variables":[{"name":…, "type":"list(int)", "value":…}, …]}
//   -> {"type":…, "estimate":[min, max], "cost":n, "value":<tagged>} or, after the cost, {"error":…}, or {"issues":…}
// A tagged value says of what type it is: ["int","1"], ["list",[…]], ["map",[[key, value], …]] in order of the keys'
// text.
json::Value AnswerCel(const json::Value& question);

}  // namespace atoll::judge
