#include "common/api/kube_version.h"

#include <cstdint>
#include <optional>
#include <tuple>

namespace atoll::api {
namespace {

// Greater goes first.
struct Rank {
  int stability = 0;  // 3 stable, 2 beta, 1 alpha
  uint64_t major = 0, minor = 0;
  auto Tie() const { return std::tie(stability, major, minor); }
};

// Takes digits off the front of `text`; nullopt when there are none, a zero leads or they are too many for a version.
std::optional<uint64_t> TakeNumber(std::string_view* text) {
  uint64_t number = 0;
  size_t n = 0;
  while (n < text->size() && (*text)[n] >= '0' && (*text)[n] <= '9')
    number = number * 10 + static_cast<uint64_t>((*text)[n++] - '0');
  if (n == 0 || n > 18 || text->front() == '0') return std::nullopt;
  text->remove_prefix(n);
  return number;
}

std::optional<Rank> RankOf(std::string_view version) {
  if (version.empty() || version.front() != 'v') return std::nullopt;
  version.remove_prefix(1);
  const std::optional<uint64_t> major = TakeNumber(&version);
  if (!major.has_value()) return std::nullopt;
  if (version.empty()) return Rank{3, *major, 0};
  const bool beta = version.substr(0, 4) == "beta", alpha = version.substr(0, 5) == "alpha";
  if (!beta && !alpha) return std::nullopt;
  version.remove_prefix(beta ? 4 : 5);
  const std::optional<uint64_t> minor = TakeNumber(&version);
  if (!minor.has_value() || !version.empty()) return std::nullopt;
  return Rank{beta ? 2 : 1, *major, *minor};
}

}  // namespace

bool VersionGoesFirst(std::string_view a, std::string_view b) {
  const std::optional<Rank> rank_a = RankOf(a), rank_b = RankOf(b);
  if (rank_a.has_value() != rank_b.has_value()) return rank_a.has_value();
  if (rank_a.has_value()) return rank_a->Tie() > rank_b->Tie();
  return a < b;
}

}  // namespace atoll::api
