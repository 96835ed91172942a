#include "common/cel/lib/all.h"

#include "common/cel/lib/libraries.h"

namespace atoll::cel::lib {

std::span<const Library> All() {
  static const Library kAll[] = {
      Standard(),        Optionals(), TwoVariables(), Strings(), StringsQuote(),   FormatString(),
      KubernetesLists(), Lists(),     Sets(),         Regex(),   Urls(),           Quantity(),
      Network(),         Semver(),    NamedFormats(), Authz(),   AuthzSelectors(),
  };
  return kAll;
}

std::span<const std::string_view> TypeNames() {
  static constexpr std::string_view kNames[] = {"net.IP", "net.CIDR"};
  return kNames;
}

}  // namespace atoll::cel::lib
