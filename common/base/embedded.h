// Files built into a binary by atoll_embed() (tools/cmake). Each embedding target T defines `atoll::embedded::T()`,
// which its user declares:
//   namespace atoll::embedded { std::span<const File> atoll_shard_resources(); }
#pragma once

#include <span>
#include <string_view>

namespace atoll::embedded {

struct File {
  std::string_view path;  // from the source root
  std::string_view bytes;
};

}  // namespace atoll::embedded
