// Messages of authentication.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kTokenReviewSpecFields[] = {
    {1, "token", kString, kOmitEmpty},
    {2, "audiences", kString, kRepeated},
};
inline constexpr Message kTokenReviewSpec{"TokenReviewSpec", kTokenReviewSpecFields};

inline constexpr Field kUserInfoFields[] = {
    {1, "username", kString, kOmitEmpty},
    {2, "uid", kString, kOmitEmpty},
    {3, "groups", kString, kRepeated},
    {4, "extra", kStrings, kMap},
};
inline constexpr Message kUserInfo{"UserInfo", kUserInfoFields};

inline constexpr Field kTokenReviewStatusFields[] = {
    {1, "authenticated", kBool, kOmitEmpty},
    {2, "user", kMessage, kSingle, &kUserInfo},
    {3, "error", kString, kOmitEmpty},
    {4, "audiences", kString, kRepeated},
};
inline constexpr Message kTokenReviewStatus{"TokenReviewStatus", kTokenReviewStatusFields};

inline constexpr Field kTokenReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kTokenReviewSpec},
    {3, "status", kMessage, kSingle, &kTokenReviewStatus},
};
inline constexpr Message kTokenReview{"TokenReview", kTokenReviewFields};

inline constexpr Field kSelfSubjectReviewStatusFields[] = {
    {1, "userInfo", kMessage, kSingle, &kUserInfo},
};
inline constexpr Message kSelfSubjectReviewStatus{"SelfSubjectReviewStatus", kSelfSubjectReviewStatusFields};

inline constexpr Field kSelfSubjectReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "status", kMessage, kSingle, &kSelfSubjectReviewStatus},
};
inline constexpr Message kSelfSubjectReview{"SelfSubjectReview", kSelfSubjectReviewFields};

inline constexpr Field kBoundObjectReferenceFields[] = {
    {1, "kind", kString, kOmitEmpty},
    {2, "apiVersion", kString, kOmitEmpty},
    {3, "name", kString, kOmitEmpty},
    {4, "uid", kString, kOmitEmpty},
};
inline constexpr Message kBoundObjectReference{"BoundObjectReference", kBoundObjectReferenceFields};

inline constexpr Field kTokenRequestSpecFields[] = {
    {1, "audiences", kString, kRepeated},
    {3, "boundObjectRef", kMessage, kSingle, &kBoundObjectReference},
    {4, "expirationSeconds", kInt64, kSingle},
};
inline constexpr Message kTokenRequestSpec{"TokenRequestSpec", kTokenRequestSpecFields};

inline constexpr Field kTokenRequestStatusFields[] = {
    {1, "token", kString, kSingle},
    {2, "expirationTimestamp", kTime, kSingle},
};
inline constexpr Message kTokenRequestStatus{"TokenRequestStatus", kTokenRequestStatusFields};

inline constexpr Field kTokenRequestFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kTokenRequestSpec},
    {3, "status", kMessage, kSingle, &kTokenRequestStatus},
};
inline constexpr Message kTokenRequest{"TokenRequest", kTokenRequestFields};

}  // namespace atoll::api::protobuf::tables
