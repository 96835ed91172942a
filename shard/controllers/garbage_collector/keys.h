// What the garbage collector is asked to look at. A key says all that there is to know, so that it outlives the
// process.
//
//   kItem   an object: are its owners there, does it wait for its dependents
//   kFan    all dependents of an owner, by its uid; in pages, so that an owner of a million costs a page of queue
//   kOwner  an owner, as a reference names it, whose dependent is gone or no longer blocks it
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/path/path.h"
#include "shard/storage/owner_index.h"

namespace atoll::controllers {

struct CollectorKey {
  enum class Kind : char { kItem = 'i', kFan = 'f', kOwner = 'o' };
  Kind kind = Kind::kItem;
  std::string store_key;          // kItem: the object; kFan: only dependents behind this key
  LogicalClusterId cluster;       // kFan, kOwner
  std::string ns;                 // kOwner: of the dependent
  storage::OwnerReference owner;  // kFan: the uid alone; kOwner: all of it
};

std::string ItemKey(std::string_view store_key);
std::string FanKey(const LogicalClusterId& cluster, std::string_view uid, std::string_view after = "");
// Empty for a reference that no object can be meant by.
std::string OwnerKey(const LogicalClusterId& cluster, std::string_view ns, const storage::OwnerReference& owner);

std::optional<CollectorKey> ParseCollectorKey(std::string_view key);

}  // namespace atoll::controllers
