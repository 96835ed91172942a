// Keeps gRPC's threads for callbacks for as long as the process runs.
#pragma once

namespace atoll::rpc {

// gRPC shares these threads among channels and servers and joins them when the last user goes, also when that one is
// let go of on such a thread, which then waits for itself and aborts. Called by NewChannel and Server::Start; the first
// call takes a share that is never returned. Any thread.
void KeepCallbackThreads();

}  // namespace atoll::rpc
