// Fetch: one GET through the local proxy (absolute-form, RFC 9112 §3.2.2), as a browser would send it, hashed on the
// fly. Throws ops::RunError when the answer is not 200 or breaks off. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::demo {

struct Fetched {
  std::uint64_t bytes = 0;
  std::string sha256;
  double first_byte_s = 0;  // from asking the proxy to the first byte of the answer
  double seconds = 0;       // to the last
};

using Progress = std::function<void(std::uint64_t bytes, std::uint64_t of)>;

// Nothing arrives for this long: the chain is broken. Longer than the client needs to say why (kAnswerLimit).
inline constexpr Seconds kFetchStall{40};

asio::awaitable<Fetched> fetch(std::uint16_t proxy_port, std::uint16_t site_port, std::string path, Progress progress);

}  // namespace footbridge::demo
