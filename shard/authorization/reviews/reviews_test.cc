#include "shard/authorization/reviews/reviews.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/auth/testing_keys.h"
#include "common/auth/testing_run.h"
#include "common/json/write.h"
#include "shard/authorization/testing.h"

namespace atoll::authorization {
namespace {

using auth::testing::RunNow;
using testing::Json;

struct FakeObjects final : auth::ServiceAccountLookup {
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> ServiceAccount(LogicalClusterId, std::string,
                                                                        std::string name) override {
    if (name == "robot") co_return std::optional(auth::BoundObject{.uid = "u1"});
    co_return std::optional<auth::BoundObject>();
  }
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> Secret(LogicalClusterId, std::string,
                                                                std::string name) override {
    if (name == "s") co_return std::optional(auth::BoundObject{.uid = "su"});
    co_return std::optional<auth::BoundObject>();
  }
  Task<void> NoteUse(LogicalClusterId, std::string, std::string, std::string) override { co_return; }
};

struct OneToken final : auth::TokenAuthenticator {
  Task<absl::StatusOr<std::optional<auth::User>>> AuthenticateToken(std::string token,
                                                                    std::vector<std::string>) override {
    if (token != "good") co_return absl::UnauthenticatedError("no");
    co_return std::optional(auth::User{"bob", "", {}, {}});
  }
};

struct Fixture : testing::World {
  ManualClock clock;
  SeededRandom random{1};
  FakeObjects objects_by_name;
  OneToken tokens;
  std::unique_ptr<auth::JwtSigner> signer = *auth::JwtSigner::FromPem(auth::testing::EcKey());
  registry::Connectors connectors;
  registry::CallContext ctx;

  Fixture() {
    AddCluster("cx");
    BindClusterRole("cx", "system:kcp:workspace:access", "User", "alice");
    BindClusterRole("cx", "view", "User", "alice");
    ctx.user = {"alice", "u", {"system:authenticated"}, {}};
    ctx.cluster.id = LogicalClusterId("cx");
    AddReviewConnectors({.authorizer = &chain,
                         .tokens = &tokens,
                         .service_accounts = &objects_by_name,
                         .signer = signer.get(),
                         .issuer = "iss",
                         .api_audiences = {"api"},
                         .token_lifetime_max = absl::Hours(24),
                         .clock = &clock,
                         .random = &random},
                        &connectors);
  }
  absl::StatusOr<json::Value> Post(const char* group, const char* resource, const std::string& body,
                                   const char* subresource = "") {
    return RunNow(
        connectors.Find({group, resource}, subresource)->Connect(ctx, Json(body), {.field_manager = "unknown"}));
  }
  absl::StatusOr<json::Value> Token(const std::string& body) {
    ctx.ns = "default";
    ctx.name = "robot";
    return Post("", "serviceaccounts", body, "token");
  }
};

TEST_CASE_METHOD(Fixture, "access reviews") {
  const char kResource[] = R"("resourceAttributes":{"verb":"list","resource":"configmaps","namespace":"default"})";
  auto self = Post("authorization.k8s.io", "selfsubjectaccessreviews", std::string(R"({"spec":{)") + kResource + "}}");
  REQUIRE(self.ok());
  CHECK(self->BoolAt({"status", "allowed"}));
  CHECK(self->StringAt({"status", "reason"}) == "access granted");
  CHECK(json::Write(*self->At({"metadata", "managedFields"})->array()[0].Find("fieldsV1")) ==
        R"({"f:spec":{"f:resourceAttributes":{".":{},"f:namespace":{},"f:resource":{},"f:verb":{}}}})");

  auto denied = Post("authorization.k8s.io", "selfsubjectaccessreviews",
                     R"({"spec":{"resourceAttributes":{"verb":"delete","resource":"configmaps"}}})");
  CHECK(json::Write(*denied->Find("status")) == R"({"allowed":false,"reason":"access denied"})");

  ctx.user = {"admin", "", {"system:masters"}, {}};
  auto other = Post("authorization.k8s.io", "subjectaccessreviews",
                    std::string(R"({"spec":{"user":"alice",)") + kResource + "}}");
  CHECK(other->BoolAt({"status", "allowed"}));
  auto master =
      Post("authorization.k8s.io", "selfsubjectaccessreviews", std::string(R"({"spec":{)") + kResource + "}}");
  CHECK(json::Write(*master->Find("status")) == R"({"allowed":true})");
  auto scoped =
      Post("authorization.k8s.io", "subjectaccessreviews",
           std::string(R"({"spec":{"user":"alice","extra":{"authentication.kcp.io/scopes":["cluster:other"]},)") +
               kResource + "}}");
  CHECK_FALSE(scoped->BoolAt({"status", "allowed"}));
}

TEST_CASE_METHOD(Fixture, "deep reviews are for masters, and skip what is not RBAC") {
  http::Headers headers;
  headers.Add("X-Kcp-Internal-Deep-SubjectAccessReview", "true");
  CHECK_FALSE(IsDeepReview(headers, ctx.user));
  CHECK(IsDeepReview(headers, {"m", "", {"system:masters"}, {}}));
  BindClusterRole("cx", "view", "User", "bob");
  const char kBody[] = R"({"spec":{"user":"bob","resourceAttributes":{"verb":"list","resource":"configmaps"}}})";
  CHECK_FALSE(Post("authorization.k8s.io", "subjectaccessreviews", kBody)->BoolAt({"status", "allowed"}));
  ctx.deep_review = true;
  CHECK(Post("authorization.k8s.io", "subjectaccessreviews", kBody)->BoolAt({"status", "allowed"}));
}

TEST_CASE_METHOD(Fixture, "invalid reviews") {
  ctx.ns = "a";
  const struct {
    const char *resource, *body, *want;
  } cases[] = {
      {"selfsubjectaccessreviews", "{}",
       "exactly one of nonResourceAttributes or resourceAttributes must be specified"},
      {"selfsubjectaccessreviews", R"({"spec":{"resourceAttributes":{},"nonResourceAttributes":{}}})",
       "cannot be specified in combination"},
      {"subjectaccessreviews", R"({"spec":{"resourceAttributes":{}}})",
       "at least one of user or group must be specified"},
      {"subjectaccessreviews", R"({"metadata":{"name":"x"},"spec":{"user":"u","resourceAttributes":{}}})",
       "must be empty"},
      {"localsubjectaccessreviews", R"({"spec":{"user":"u","resourceAttributes":{"namespace":"b"}}})",
       "must match metadata.namespace"},
      {"localsubjectaccessreviews", R"({"spec":{"user":"u","nonResourceAttributes":{}}})",
       "disallowed on this kind of request"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.body);
    const absl::Status status = Post("authorization.k8s.io", c.resource, c.body).status();
    CHECK(api::HttpCode(status) == 422);
    CHECK_THAT(std::string(status.message()), Catch::Contains(c.want));
  }
}

TEST_CASE_METHOD(Fixture, "who and what am I") {
  auto self = Post("authentication.k8s.io", "selfsubjectreviews", "{}");
  CHECK(self->StringAt({"status", "userInfo", "username"}) == "alice");
  CHECK(api::HttpCode(Post("authorization.k8s.io", "selfsubjectrulesreviews", R"({"spec":{}})").status()) == 400);
  auto rules = Post("authorization.k8s.io", "selfsubjectrulesreviews", R"({"spec":{"namespace":"default"}})");
  REQUIRE(rules.ok());
  CHECK(rules->At({"status", "resourceRules"})->array().size() > 2);
  CHECK(rules->At({"status", "nonResourceRules"})->array().size() > 1);
  CHECK(json::Write(*rules->Find("spec")) == "{}");
}

TEST_CASE_METHOD(Fixture, "token reviews") {
  CHECK(api::HttpCode(Post("authentication.k8s.io", "tokenreviews", R"({"spec":{}})").status()) == 400);
  auto good = Post("authentication.k8s.io", "tokenreviews", R"({"spec":{"token":"good"}})");
  CHECK(good->BoolAt({"status", "authenticated"}));
  CHECK(good->StringAt({"status", "user", "username"}) == "bob");
  CHECK_FALSE(Post("authentication.k8s.io", "tokenreviews", R"({"spec":{"token":"bad"}})")
                  ->BoolAt({"status", "authenticated"}));
}

TEST_CASE_METHOD(Fixture, "token requests") {
  auto made = Token(R"({"spec":{"expirationSeconds":3600}})");
  REQUIRE(made.ok());
  CHECK(made->StringAt({"metadata", "uid"}) == "u1");
  CHECK(made->At({"spec", "boundObjectRef"})->is_null());
  CHECK(json::Write(*made->At({"spec", "audiences"})) == R"(["api"])");
  const json::Value claims = *auth::PeekClaims(made->StringAt({"status", "token"}));
  CHECK(claims.StringAt({"kubernetes.io", "clusterName"}) == "cx");
  CHECK(claims.IntAt({"exp"}) - claims.IntAt({"iat"}) == 3600);

  CHECK(Token(R"({"spec":{"expirationSeconds":100000}})")->IntAt({"spec", "expirationSeconds"}) == 86400);
  CHECK(ctx.warnings == std::vector<std::string>{"requested expiration of 100000 seconds shortened to 86400 seconds"});

  const struct {
    const char* body;
    int code;
    const char* want;
  } cases[] = {
      {R"({"spec":{"expirationSeconds":5}})", 422,
       "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify "
       "a duration less than 10 minutes"},
      {R"({"spec":{"expirationSeconds":4294967297}})", 422, "may not specify a duration larger than 2^32 seconds"},
      {R"({"metadata":{"name":"other"},"spec":{}})", 422, "must match the service account name if specified"},
      {R"({"metadata":{"uid":"u2"},"spec":{}})", 409,
       "the UID in the token request (u2) does not match the UID of the service account (u1)"},
      {R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}})", 404, "pods \"p\" not found"},
      {R"({"spec":{"boundObjectRef":{"kind":"Node","apiVersion":"v1","name":"p"}}})", 404, "nodes \"p\" not found"},
      {R"({"spec":{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1","name":"p"}}})", 400,
       "cannot bind token to object of type /v1, Kind=ConfigMap"},
      {R"({"spec":{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"p"}}})", 404, "secrets \"p\" not found"},
      {R"({"spec":{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"s","uid":"x"}}})", 409,
       "does not match the UID in record"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.body);
    const absl::Status status = Token(c.body).status();
    CHECK(api::HttpCode(status) == c.code);
    CHECK_THAT(std::string(status.message()), Catch::Contains(c.want));
  }
  ctx.name = "nobody";
  CHECK(api::HttpCode(Post("", "serviceaccounts", R"({"spec":{}})", "token").status()) == 404);
}

}  // namespace
}  // namespace atoll::authorization
