// Representations of stored objects: as they are, as metadata alone, as a table (spec/api-machinery.md 1.4, 6). The
// plain form and metadata alone copy stored bytes and parse nothing; a table parses the object once.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/table.h"
#include "shard/storage/stored_object.h"

namespace atoll::endpoints {

// How the objects of one request are represented. Built once a request, after negotiation.
class Representer {
 public:
  // Errors: BadRequest (includeObject).
  static absl::StatusOr<Representer> For(const Call& call, absl::Time now);

  // The time that ages are counted to, for what outlives its request's beginning.
  void SetNow(absl::Time now) { row_.now = now; }

  // A single object: an answer of get, create, update, patch. Errors: NotAcceptable for a list conversion;
  // StoreReadError-like when the stored bytes cannot be parsed.
  absl::Status AppendObject(const storage::StoredObject& object, std::string* out) const;
  // The object of one watch event. A table's columns are sent with the first one only.
  absl::Status AppendEventObject(const storage::StoredObject& object, bool first, std::string* out) const;
  // The object of a bookmark.
  void AppendBookmark(store::Revision revision, bool initial_events_end, bool first, std::string* out) const;
  // One element of a list's `items`, or of a table's `rows`.
  absl::Status AppendItem(const storage::StoredObject& object, std::string* out) const;

  // What a list is called, and its items; of metadata alone PartialObjectMetadataList.
  api::Gvk ListKind() const;
  api::Gvk ItemKind() const;
  // What stands around a list's items.
  std::string ListHead() const;    // up to where metadata or items may follow: `{"kind":...,"apiVersion":...`
  std::string AfterItems() const;  // members that sort behind the items
  std::string Columns() const { return ColumnDefinitions(*definition_); }
  const char* ItemsKey() const { return table() ? "rows" : "items"; }
  bool table() const { return representation_.as == As::kTable; }
  // True when members are written in sorted order, so metadata follows items.
  bool metadata_last() const { return metadata_last_; }

 private:
  absl::Status AppendPartial(const storage::StoredObject& object, std::string* out) const;
  absl::Status AppendTable(const storage::StoredObject& object, bool columns, std::string* out) const;

  const registry::ResourceDefinition* definition_ = nullptr;
  Representation representation_;
  RowOptions row_;
  std::shared_ptr<const RowPrinter> rows_;  // tables only
  bool wildcard_ = false, metadata_last_ = false;
};

}  // namespace atoll::endpoints
