// Messages of certificates.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kCertificateSigningRequestSpecFields[] = {
    {1, "request", kBytes, kSingle},     {2, "username", kString, kOmitEmpty},      {3, "uid", kString, kOmitEmpty},
    {4, "groups", kString, kRepeated},   {5, "usages", kString, kRepeated},         {6, "extra", kStrings, kMap},
    {7, "signerName", kString, kSingle}, {8, "expirationSeconds", kInt32, kSingle},
};
inline constexpr Message kCertificateSigningRequestSpec{"CertificateSigningRequestSpec",
                                                        kCertificateSigningRequestSpecFields};

inline constexpr Field kCertificateSigningRequestConditionFields[] = {
    {1, "type", kString, kSingle},
    {2, "reason", kString, kOmitEmpty},
    {3, "message", kString, kOmitEmpty},
    {4, "lastUpdateTime", kTime, kOmitEmpty},
    {5, "lastTransitionTime", kTime, kOmitEmpty},
    {6, "status", kString, kSingle},
};
inline constexpr Message kCertificateSigningRequestCondition{"CertificateSigningRequestCondition",
                                                             kCertificateSigningRequestConditionFields};

inline constexpr Field kCertificateSigningRequestStatusFields[] = {
    {1, "conditions", kMessage, kRepeated, &kCertificateSigningRequestCondition},
    {2, "certificate", kBytes, kOmitEmpty},
};
inline constexpr Message kCertificateSigningRequestStatus{"CertificateSigningRequestStatus",
                                                          kCertificateSigningRequestStatusFields};

inline constexpr Field kCertificateSigningRequestFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kCertificateSigningRequestSpec},
    {3, "status", kMessage, kSingle, &kCertificateSigningRequestStatus},
};
inline constexpr Message kCertificateSigningRequest{"CertificateSigningRequest", kCertificateSigningRequestFields};

}  // namespace atoll::api::protobuf::tables
