// A server to point outside tools at: `common_http_bench [port]` serves HTTPS with a certificate of its own.
//   /1k (or anything else)  1 KiB      /big?bytes=N  N bytes, streamed      POST /echo  the body      /watch  a line,
//   then open
// Prints requests and CPU time used a request once a second while there is traffic. Ends with standard input.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/check.h"
#include "common/http/server.h"
#include "common/loop/asio_loop.h"
#include "common/tls/certificates.h"

namespace atoll::http {
namespace {

Task<void> Handle(Request request, ResponseWriter& out) {
  static const std::string kAnswer(1024, 'x');
  Headers headers;
  headers.Add("content-type", "application/json");
  if (request.path() == "/big") {
    size_t bytes = 1 << 20;
    for (const auto& [name, value] : ParseQuery(request.query())) {
      if (name == "bytes") (void)absl::SimpleAtoi(value, &bytes);
    }
    (void)co_await out.Start(200, headers);
    std::string piece(32 * 1024, 'b');
    while (bytes > 0) {
      size_t n = std::min(bytes, piece.size());
      absl::Status written = co_await out.Write(std::string_view(piece).substr(0, n));
      if (!written.ok()) co_return;
      bytes -= n;
    }
    (void)co_await out.End();
  } else if (request.path() == "/echo") {
    (void)co_await out.Start(200, headers);
    for (;;) {
      auto piece = co_await request.body->Next();
      if (!piece.ok() || piece->empty()) break;
      absl::Status written = co_await out.Write(*piece);
      if (!written.ok()) co_return;
    }
    (void)co_await out.End();
  } else if (request.path() == "/watch") {
    (void)co_await out.Start(200, headers);
    (void)co_await out.Write("{\"type\":\"BOOKMARK\"}\n");
    WakeUp gone;
    out.cancellation().OnCancel([&gone] { gone.Set(); });
    while (!out.cancellation().cancelled()) co_await gone.Wait();
  } else {
    (void)co_await out.Send(200, std::move(headers), kAnswer);
  }
}

int64_t CpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

Task<void> Begin(Server* server, int* port) {
  CHECK_OK(server->Start());
  *port = server->port();
  co_return;
}

Task<void> Report(Server* server) {
  uint64_t requests = 0;
  int64_t cpu = CpuMicroseconds();
  for (;;) {
    co_await atoll::SleepFor(absl::Seconds(1));
    uint64_t now = server->stats().requests_total;
    int64_t cpu_now = CpuMicroseconds();
    if (now != requests) {
      std::printf("%lu requests/s, %.2f us CPU each, %lu connections\n", static_cast<unsigned long>(now - requests),
                  static_cast<double>(cpu_now - cpu) / static_cast<double>(now - requests),
                  static_cast<unsigned long>(server->stats().connections_open));
      std::fflush(stdout);
    }
    requests = now;
    cpu = cpu_now;
  }
}

void Main(int port) {
  auto ca = tls::NewCertificateAuthority("bench");
  CHECK_OK(ca);
  auto pair = tls::IssueCertificate(
      *ca,
      {.subject = {.common_name = "bench"}, .dns_names = {"localhost"}, .ip_addresses = {"127.0.0.1"}, .server = true});
  CHECK_OK(pair);
  auto context = tls::ServerContext::Create(*pair);
  CHECK_OK(context);
  AsioLoop loop("bench");
  loop.Start();
  auto server = NewServer(loop, *context, {.port = port}, Handle);
  loop.RunBlocking(Begin(server.get(), &port));
  std::printf("https://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  loop.Spawn(Report(server.get()));
  while (std::getchar() != EOF) {
  }
  loop.RunBlocking(server->Drain(absl::Seconds(2)));
  loop.Stop();
}

}  // namespace
}  // namespace atoll::http

int main(int argc, char** argv) { atoll::http::Main(argc > 1 ? std::atoi(argv[1]) : 0); }
