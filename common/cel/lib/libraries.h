// One function a library; its row is in all.cc.
#pragma once

#include "common/cel/function.h"

namespace atoll::cel::lib {

Library Standard();
Library Optionals();
Library TwoVariables();

}  // namespace atoll::cel::lib
