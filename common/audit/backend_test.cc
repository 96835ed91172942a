#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "common/audit/auditor.h"
#include "common/audit/log_backend.h"
#include "common/audit/rotating_file.h"
#include "common/audit/webhook_backend.h"
#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/http/server.h"
#include "common/json/parse.h"
#include "common/testing/run_task.h"
#include "common/testing/temp_dir.h"

namespace atoll::audit {
namespace {

Line Of(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

Policy Everything() {
  std::vector<std::string> warnings;
  return *Policy::Parse("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse}]", &warnings);
}

TEST_CASE("RotatingFile sets full files aside and forgets old ones", "[audit]") {
  testing::TempDir dir;
  ManualClock clock;
  auto names = [&] {
    std::set<std::string> out;
    for (const auto& e : std::filesystem::directory_iterator(dir.File("logs"))) out.insert(e.path().filename());
    return out;
  };
  RotatingFile file(
      {.path = dir.File("logs/a.log"), .bytes_max = 10, .age_max_days = 2, .backups_max = 2, .clock = &clock});
  absl::Status error;
  CHECK(file.Write({"1234", "5678"}, &error) == 2);  // just full
  CHECK(names() == std::set<std::string>{"a.log"});
  CHECK(file.Write({"x"}, &error) == 1);
  CHECK(names() == std::set<std::string>{"a.log", "a-2023-11-14T22-13-20.000.log"});
  CHECK(*ReadFile(dir.File("logs/a.log")) == "x\n");
  CHECK(*ReadFile(dir.File("logs/a-2023-11-14T22-13-20.000.log")) == "1234\n5678\n");
  clock.Advance(absl::Milliseconds(1));
  CHECK(file.Write({"a line longer than the file"}, &error) == 1);
  clock.Advance(absl::Milliseconds(1));
  CHECK(file.Write({"y"}, &error) == 1);
  CHECK(names() == std::set<std::string>{"a.log", "a-2023-11-14T22-13-20.001.log", "a-2023-11-14T22-13-20.002.log"});
  clock.Advance(absl::Hours(24 * 3));
  CHECK(file.Write({"123456789", "z"}, &error) == 2);
  // A day's age counts as well; the last two were set aside just now, within one millisecond, so the file went on.
  for (const std::string& name : names()) CHECK((name == "a.log" || name.starts_with("a-2023-11-17")));
  CHECK(error.ok());
}

TEST_CASE("RotatingFile says when it cannot write", "[audit]") {
  testing::TempDir dir;
  ManualClock clock;
  RotatingFile file({.path = dir.path(), .clock = &clock});
  absl::Status error;
  CHECK(file.Write({"x"}, &error) == 0);
  CHECK(absl::IsUnavailable(error));
  CHECK(ToStd(error.message()).find(dir.path()) != std::string_view::npos);
}

TEST_CASE("The audit log: blocking answers after the write, overflow is counted", "[audit]") {
  testing::TempDir dir;
  metrics::Registry registry;
  Metrics metrics(&registry);
  testing::RunTask([](testing::TempDir& dir, Metrics& metrics) -> Task<void> {
    auto log = LogBackend::Create(
        {.file = {.path = dir.File("a"), .clock = &SystemClock()}, .bytes_max = 8, .metrics = &metrics});
    REQUIRE(log.ok());
    Completion<bool> stored;
    (*log)->Submit(Of("one"), stored);
    CHECK(co_await stored.Wait());
    CHECK(*ReadFile(dir.File("a")) == "one\n");
    Completion<bool> lost;
    (*log)->Submit(Of("123456789"), lost);
    CHECK_FALSE(co_await lost.Wait());
    CHECK(metrics.errors.With({"buffered"}).value() == 1);
    (*log)->Submit(Of("two"), std::nullopt);
    log->reset();  // writes what waits
    CHECK(*ReadFile(dir.File("a")) == "one\ntwo\n");
  }(dir, metrics));
  CHECK_FALSE(LogBackend::Create({.file = {.path = dir.path(), .clock = &SystemClock()}, .metrics = &metrics}).ok());
}

// Loses everything, or keeps it.
class TestBackend final : public Backend {
 public:
  explicit TestBackend(bool keeps) : keeps_(keeps) {}
  void Submit(Line line, Stored stored) override {
    if (keeps_) lines.push_back(*line);
    if (stored) stored->Set(keeps_);
  }
  std::vector<std::string> lines;

 private:
  const bool keeps_;
};

TEST_CASE("Auditor: modes decide whether a lost event refuses the request", "[audit]") {
  for (const Mode mode : {Mode::kBatch, Mode::kBlocking, Mode::kBlockingStrict}) {
    metrics::Registry registry;
    testing::RunTask([](Mode mode, metrics::Registry* registry) -> Task<void> {
      std::vector<Auditor::Sink> sinks;
      sinks.push_back({std::make_unique<TestBackend>(false), mode, {}});
      Auditor auditor(Everything(), std::move(sinks), registry, &SystemClock());
      Event event;
      event.level = Level::kMetadata;
      CHECK(co_await auditor.Record(event, Stage::kRequestReceived) == (mode != Mode::kBlockingStrict));
    }(mode, &registry));
  }
}

TEST_CASE("Auditor: what is too long loses its objects, then itself", "[audit]") {
  metrics::Registry registry;
  testing::RunTask([](metrics::Registry* registry) -> Task<void> {
    auto backend = std::make_unique<TestBackend>(true);
    TestBackend* kept = backend.get();
    std::vector<Auditor::Sink> sinks;
    sinks.push_back({std::move(backend), Mode::kBatch, {.enabled = true, .event_bytes_max = 400}});
    Auditor auditor(Everything(), std::move(sinks), registry, &SystemClock());
    Event event;
    event.level = Level::kRequest;
    event.request_object = StrCat("\"", std::string(400, 'x'), "\"");
    (void)co_await auditor.Record(event, Stage::kResponseComplete);
    REQUIRE(kept->lines.size() == 1);
    auto json = json::Parse(kept->lines[0]);
    REQUIRE(json.ok());
    CHECK(json->Find("requestObject") == nullptr);
    CHECK(json->StringAt({"annotations", "audit.k8s.io/truncated"}) == "true");
    event.request_uri = std::string(400, 'u');
    (void)co_await auditor.Record(event, Stage::kResponseComplete);
    CHECK(kept->lines.size() == 1);
    CHECK(auditor.metrics().errors.With({"truncate"}).value() == 1);
    CHECK(auditor.metrics().events.value() == 2);
  }(&registry));
}

TEST_CASE("Auditor: flags are named in errors", "[audit]") {
  testing::TempDir dir;
  metrics::Registry registry;
  testing::RunTask([](testing::TempDir& dir, metrics::Registry* registry) -> Task<void> {
    auto create = [&](Options options) {
      auto made = Auditor::Create(options, *Loop::Current(), registry, &SystemClock());
      return made.ok() ? std::string(*made == nullptr ? "none" : "made") : std::string(ToStd(made.status().message()));
    };
    CHECK(create({}) == "none");
    CHECK(create({.log_path = dir.File("log")}) == "none");
    CHECK(create({.policy_file = dir.File("missing")}).starts_with("--audit-policy-file: "));
    CHECK(WriteFileAtomic(dir.File("bad"), "kind: x").ok());
    CHECK(create({.policy_file = dir.File("bad")}).starts_with(StrCat("--audit-policy-file: ", dir.File("bad"), ": ")));
    CHECK(WriteFileAtomic(dir.File("good"), "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]").ok());
    CHECK(create({.policy_file = dir.File("good")}) == "none");
    CHECK(create({.policy_file = dir.File("good"), .log_path = dir.path()}).starts_with("--audit-log-path: "));
    co_return;
  }(dir, &registry));
  Options bad{.policy_file = "", .log_path = "x", .log_mode = "never"};
  CHECK(ToStd(bad.Validate().message()).starts_with("--audit-log-mode: "));
  bad = {.policy_file = "", .log_path = "x", .log_max_size_mb = -1};
  CHECK(ToStd(bad.Validate().message()).starts_with("--audit-log-maxsize: "));
}

// A plain HTTP server that answers with `codes` in turn and keeps the bodies.
struct Receiver {
  std::vector<int> codes;
  std::vector<std::string> bodies;
  std::unique_ptr<http::Server> server;

  void Start() {
    server = http::NewServer(*Loop::Current(), nullptr, {},
                             [this](http::Request request, http::ResponseWriter& out) -> Task<void> {
                               auto body = co_await request.body->ReadAll(1 << 20);
                               const int code = bodies.size() < codes.size() ? codes[bodies.size()] : 200;
                               bodies.push_back(body.ok() ? *body : "");
                               (void)co_await out.Send(code, {}, "");
                             });
    REQUIRE(server->Start().ok());
  }
  WebhookBackend::Options Options(Metrics* metrics) const {
    WebhookBackend::Options o;
    o.server = {
        .host = "127.0.0.1", .port = server->port(), .path = "/audit", .server_name = "", .token = "", .tls = nullptr};
    o.initial_backoff = absl::Milliseconds(1);
    o.metrics = metrics;
    return o;
  }
};

TEST_CASE("The audit webhook sends batches, tries again, and counts what it loses", "[audit]") {
  metrics::Registry registry;
  Metrics metrics(&registry);
  testing::RunTask([](Metrics& metrics) -> Task<void> {
    Receiver receiver{.codes = {500, 200}, .bodies = {}, .server = nullptr};
    receiver.Start();
    {
      WebhookBackend webhook(*Loop::Current(), receiver.Options(&metrics));
      Completion<bool> stored;
      webhook.Submit(Of(R"({"a":1})"), std::nullopt);
      webhook.Submit(Of(R"({"a":2})"), stored);
      CHECK(co_await stored.Wait());
      REQUIRE(receiver.bodies.size() == 2);
      const std::string wanted =
          R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"a":1},{"a":2}]})";
      CHECK(receiver.bodies[0] == wanted);
      CHECK(receiver.bodies[1] == wanted);
      webhook.Submit(Of(R"({"a":3})"), std::nullopt);  // leaves at the end, at the latest
      co_await webhook.Stop(absl::Seconds(10));
      CHECK(receiver.bodies.size() == 3);
      CHECK(metrics.errors.With({"webhook"}).value() == 0);
    }
    {
      auto options = receiver.Options(&metrics);
      options.events_max = 1;
      WebhookBackend webhook(*Loop::Current(), options);
      webhook.Submit(Of("{}"), std::nullopt);
      Completion<bool> lost;
      webhook.Submit(Of("{}"), lost);
      CHECK_FALSE(co_await lost.Wait());
      CHECK(metrics.errors.With({"buffered"}).value() == 1);
      co_await webhook.Stop(absl::Seconds(10));
    }
    {
      receiver.codes.assign(100, 503);
      WebhookBackend webhook(*Loop::Current(), receiver.Options(&metrics));
      Completion<bool> lost;
      webhook.Submit(Of("{}"), lost);
      CHECK_FALSE(co_await lost.Wait());
      CHECK(metrics.errors.With({"webhook"}).value() == 1);
      co_await webhook.Stop(absl::Seconds(10));
    }
    co_await receiver.server->Drain(absl::ZeroDuration());
    receiver.server.reset();
  }(metrics));
}

}  // namespace
}  // namespace atoll::audit
