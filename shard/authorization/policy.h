// Policy: the roles and bindings of one logical cluster, compiled: from a subject to what is granted to it, in one
// look-up.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/json/value.h"
#include "shard/authorization/authorizer.h"
#include "shard/authorization/identities.h"
#include "shard/authorization/rules.h"

namespace atoll::authorization {

// The four kinds, as objects.
struct RbacObjects {
  std::vector<json::Value> cluster_roles, cluster_role_bindings, roles, role_bindings;
};

using Rules = std::vector<CompiledRule>;
using RulesPtr = std::shared_ptr<const Rules>;

struct RoleRef {
  std::string kind;  // ClusterRole, Role
  std::string name;
};

// Immutable and shared. Roles that a binding names and the cluster lacks are looked up in `fallback` (the policy of
// system:admin) when compiling, so `fallback` must be complete by then.
class Policy {
 public:
  static std::shared_ptr<const Policy> Compile(const RbacObjects& objects, const Policy* fallback);

  // True when something granted to one of `identities` allows `question`. Bindings of a namespace count for requests in
  // it.
  // `why` receives by which binding (`RBAC: allowed by ...`); null: nobody asks.
  bool Allows(const std::vector<Identity>& identities, const Question& question, std::string* why = nullptr) const;
  // Appends the rules granted to `identities` cluster-wide, and in `ns` when it is not empty.
  void AppendRules(const std::vector<Identity>& identities, std::string_view ns, std::vector<PolicyRule>* out) const;
  // The rules of a role here, not in the fallback; null when there is no such role. `ns` is ignored for a ClusterRole.
  RulesPtr FindRole(const RoleRef& ref, std::string_view ns) const;
  // Roughly what it occupies.
  size_t bytes() const { return bytes_; }

 private:
  struct Origin {
    std::string binding;  // its name
    RoleRef role;
  };
  struct Grant {
    std::string ns;  // "": everywhere
    RulesPtr rules;
    std::shared_ptr<const Origin> origin;  // one for all subjects of a binding
  };
  static std::string Explain(const Grant& grant, std::string_view subject_kind, std::string_view subject);
  // What one subject is granted. A request looks only at the rules that name its group and resource and hold in its
  // namespace, so a decision costs about the same with ten roles and with a thousand.
  class Grants {
   public:
    void Add(Grant grant) { all_.push_back(std::move(grant)); }
    void Index();  // once, after the last Add
    // What allows it; null when nothing does.
    const Grant* Allow(const Question& question) const;
    const std::vector<Grant>& all() const { return all_; }
    size_t bytes() const { return all_.capacity() * sizeof(Grant) + entries_.capacity() * sizeof(Entry); }

   private:
    struct Entry {
      uint32_t key;  // of a word of the rule's groups, one of its resources, and the grant's namespace
      uint32_t grant;
      const CompiledRule* rule;
    };
    const Grant* AllowAt(uint32_t group, uint32_t resource, std::string_view ns, const Question& question) const;

    std::vector<Grant> all_;
    std::vector<Entry> entries_;  // sorted by key
  };

  void AddBinding(const json::Value& binding, std::string_view ns, const Policy* fallback);

  std::map<std::string, RulesPtr, std::less<>> cluster_roles_;
  std::map<std::pair<std::string, std::string>, RulesPtr> roles_;
  absl::flat_hash_map<std::string, Grants> users_, groups_;  // service accounts are users by their full name
  size_t bytes_ = 0;
};
using PolicyPtr = std::shared_ptr<const Policy>;

}  // namespace atoll::authorization
