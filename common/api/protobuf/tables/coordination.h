// Messages of coordination.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kLeaseSpecFields[] = {
    {1, "holderIdentity", kString, kSingle},  {2, "leaseDurationSeconds", kInt32, kSingle},
    {3, "acquireTime", kMicroTime, kSingle},  {4, "renewTime", kMicroTime, kSingle},
    {5, "leaseTransitions", kInt32, kSingle}, {6, "strategy", kString, kSingle},
    {7, "preferredHolder", kString, kSingle},
};
inline constexpr Message kLeaseSpec{"LeaseSpec", kLeaseSpecFields};

inline constexpr Field kLeaseFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kLeaseSpec},
};
inline constexpr Message kLease{"Lease", kLeaseFields};

}  // namespace atoll::api::protobuf::tables
