// Messages of events.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/core.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kEventsEventSeriesFields[] = {
    {1, "count", kInt32, kSingle},
    {2, "lastObservedTime", kMicroTime, kSingle},
};
inline constexpr Message kEventsEventSeries{"EventSeries", kEventsEventSeriesFields};

inline constexpr Field kEventsEventFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "eventTime", kMicroTime, kSingle},
    {3, "series", kMessage, kSingle, &kEventsEventSeries},
    {4, "reportingController", kString, kOmitEmpty},
    {5, "reportingInstance", kString, kOmitEmpty},
    {6, "action", kString, kOmitEmpty},
    {7, "reason", kString, kOmitEmpty},
    {8, "regarding", kMessage, kSingle, &kObjectReference},
    {9, "related", kMessage, kSingle, &kObjectReference},
    {10, "note", kString, kOmitEmpty},
    {11, "type", kString, kOmitEmpty},
    {12, "deprecatedSource", kMessage, kSingle, &kEventSource},
    {13, "deprecatedFirstTimestamp", kTime, kOmitEmpty},
    {14, "deprecatedLastTimestamp", kTime, kOmitEmpty},
    {15, "deprecatedCount", kInt32, kOmitEmpty},
};
inline constexpr Message kEventsEvent{"Event", kEventsEventFields};

}  // namespace atoll::api::protobuf::tables
