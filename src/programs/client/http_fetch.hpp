// HttpFetch: one plain HTTP request on behalf of an application: over a stream of its own to the server, its body up
// and the answer down at the same time, until the answer is complete or the application hangs up.
//
//   request head ─▶ body ─▶ watch for a hang-up ─┐
//                                                ├─▶ answer complete: keep or close the connection
//   interim heads ─▶ final head ─▶ body ─────────┘   hung up: the stream is reset, which ends the fetch at the egress
//
// Bounds: heads ≤ 64 KiB, bodies of any length in pieces, kFetchIdleLimit without a byte. Ownership: the connection and
// the parser outlive it. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <memory>

#include "io/deadline_timer.hpp"
#include "io/session_stream.hpp"
#include "programs/client/http_transfer.hpp"
#include "programs/client/local_connection.hpp"
#include "programs/client/local_request.hpp"
#include "programs/client/stream_reader.hpp"

namespace footbridge::client {

// Servers that make their clients wait for news ("long polling") end a wait after 1 to 5 minutes; twice that.
inline constexpr Seconds kFetchIdleLimit{600};

enum class AfterAnswer : std::uint8_t { Keep, Close, Abort };

class HttpFetch {
 public:
  // `parser` holds the request's head and stands before its body.
  HttpFetch(LocalConnection& application, RequestParser& parser, const LocalRequest& request,
            std::unique_ptr<io::SessionStream> stream);
  asio::awaitable<AfterAnswer> run();

 private:
  asio::awaitable<void> upload();
  asio::awaitable<AfterAnswer> download();
  asio::awaitable<AfterAnswer> no_answer(HeadRead why);
  asio::awaitable<AfterAnswer> pass_on(ResponseParser& answer);
  void moved();

  LocalConnection& application_;
  RequestParser& request_;
  std::unique_ptr<io::SessionStream> stream_;
  StreamReader upstream_;
  io::DeadlineTimer idle_;
  Bytes head_;
  bool keep_alive_;
  bool with_body_;  // false: the answer to HEAD has none, whatever its head says
};

}  // namespace footbridge::client
