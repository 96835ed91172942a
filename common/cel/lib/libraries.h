// One function a library; its row is in all.cc.
#pragma once

#include "common/cel/function.h"

namespace atoll::cel::lib {

Library Standard();
Library Optionals();
Library TwoVariables();
Library Strings();
Library StringsQuote();
Library FormatString();
Library KubernetesLists();
Library Lists();
Library Sets();
Library Regex();
Library Urls();
Library Quantity();
Library Network();
Library Semver();
Library NamedFormats();
Library Authz();
Library AuthzSelectors();

}  // namespace atoll::cel::lib
