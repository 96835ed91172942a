#include "common/apply/update.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace atoll::apply {

namespace {

using json::Value;

// Owned by nobody.
const FieldSet& SystemFields() {
  static const FieldSet* const fields = new FieldSet(FieldSet::OfMembers({{"apiVersion"},
                                                                          {"kind"},
                                                                          {"metadata"},
                                                                          {"metadata", "name"},
                                                                          {"metadata", "namespace"},
                                                                          {"metadata", "creationTimestamp"},
                                                                          {"metadata", "selfLink"},
                                                                          {"metadata", "uid"},
                                                                          {"metadata", "clusterName"},
                                                                          {"metadata", "generation"},
                                                                          {"metadata", "managedFields"},
                                                                          {"metadata", "resourceVersion"}}));
  return *fields;
}

FieldSet Reachable(const Write& write, FieldSet fields) {
  return write.reset == nullptr ? std::move(fields) : fields.Without(*write.reset);
}

// What a write did, as far as its door reaches.
Comparison Changes(const Write& write, const Value& before, const Value& after) {
  Comparison c = Compare(write.type, before, after);
  return {Reachable(write, std::move(c.added)), Reachable(write, std::move(c.modified)),
          Reachable(write, std::move(c.removed))};
}

void ReconcileAll(const Write& write, Managers* managers) {
  for (Manager& m : *managers) m.fields = Reconcile(write.type, std::move(m.fields));
}

void DropEmpty(Managers* managers) {
  std::erase_if(*managers, [](const Manager& m) { return m.fields.empty(); });
}

Manager* Find(const Write& write, Operation operation, Managers* managers) {
  const auto found = std::find_if(managers->begin(), managers->end(), [&](const Manager& m) {
    return m.Is(write.manager, operation, write.api_version, write.subresource);
  });
  return found == managers->end() ? nullptr : &*found;
}

Manager& FindOrAdd(const Write& write, Operation operation, Managers* managers) {
  if (Manager* found = Find(write, operation, managers); found != nullptr) return *found;
  Manager m;
  m.name = write.manager;
  m.operation = operation;
  m.api_version = write.api_version;
  m.subresource = write.subresource;
  return managers->emplace_back(std::move(m));
}

// Removes from `merged` what `last` applied and nobody owns any more. An item goes with what is in it; what only seemed
// to go, because it lay in something of `last`, comes back when somebody owns it or when nobody ever applied it.
void Prune(const TypeView& type, const FieldSet& last, const Managers& managers, Value* merged) {
  FieldSet owned;
  for (const Manager& m : managers) owned = owned.Union(m.fields);
  const FieldSet all = WithNamedFields(type, Collect(type, *merged)), gone = WithNamedFields(type, last);
  const auto fields_without = [&](const FieldSet& removed) {
    Value rest = *merged;
    Remove(type, removed, &rest);
    return WithNamedFields(type, Collect(type, rest));
  };
  const FieldSet unowned = all.Difference(fields_without(gone).Union(WithNamedFields(type, owned)));
  Remove(type, all.Difference(fields_without(unowned)).Intersection(gone), merged);
}

}  // namespace

void RecordUpdate(const Write& write, const Value& before, const Value& after, Managers* managers) {
  ReconcileAll(write, managers);
  const Comparison changes = Changes(write, before, after);
  if (changes.same()) return DropEmpty(managers);
  FieldSet set = changes.added.Union(changes.modified);
  const FieldSet lost = set.Union(changes.removed);
  for (Manager& m : *managers) m.fields = m.fields.Difference(lost);
  DropEmpty(managers);
  set = set.Difference(SystemFields());
  if (set.empty()) return;
  Manager& own = FindOrAdd(write, Operation::kUpdate, managers);
  own.fields = own.fields.Union(set);
  own.time = write.now;
}

Applied ApplyConfig(const Write& write, const Value& config, bool force, Value* object, Managers* managers) {
  ReconcileAll(write, managers);
  Value merged = *object;
  MergeInto(write.type, config, &merged);

  const FieldSet set = Reachable(write, Collect(write.type, config));
  Managers after = *managers;
  Manager& own = FindOrAdd(write, Operation::kApply, &after);
  const FieldSet last = std::exchange(own.fields, set);
  own.api_version = write.api_version;
  if (!last.Difference(set).empty()) Prune(write.type, last, after, &merged);

  Applied result;
  const Comparison changes = Changes(write, *object, merged);
  if (!changes.same()) {
    const FieldSet touched = changes.added.Union(changes.modified);
    for (Manager& m : after) {
      if (&m == &own) continue;
      FieldSet contested = m.fields.Intersection(touched);
      if (!contested.empty() && !force) {
        result.conflicts.push_back({m.name, m.operation, m.api_version, m.subresource, {}, std::move(contested)});
      }
      m.fields = m.fields.Difference(touched).Difference(changes.removed);
    }
  }
  if (!result.conflicts.empty()) {
    std::sort(result.conflicts.begin(), result.conflicts.end(), [](const Manager& a, const Manager& b) {
      const auto order = [](const Manager& m) { return std::tie(m.name, m.operation, m.api_version, m.subresource); };
      return order(a) < order(b);
    });
    return result;
  }
  own.fields = own.fields.Difference(SystemFields());
  result.changed = !(*object == merged);
  if (result.changed) {
    own.time = write.now;
    *object = std::move(merged);
  }
  DropEmpty(&after);
  *managers = std::move(after);
  return result;
}

}  // namespace atoll::apply
