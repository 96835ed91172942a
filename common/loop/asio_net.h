// The network of an AsioLoop: non-blocking sockets, with Asio waiting for readiness.
//
// Operations call recv and send themselves and leave only the waiting to Asio. So Asio never holds a caller's buffer,
// an idle connection needs none, and a coroutine may be destroyed while it waits.
#pragma once

#include <memory>

#include "common/loop/loop.h"
#include "common/loop/net.h"

namespace boost::asio {
class io_context;
}

namespace atoll::internal {

// `loop` and `io` outlive the result and everything made with it.
std::unique_ptr<Net> NewAsioNet(Loop& loop, boost::asio::io_context& io);

}  // namespace atoll::internal
