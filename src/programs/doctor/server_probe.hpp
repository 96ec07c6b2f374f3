// Asks one broker, by one way, or one egress, as the programs do: TCP, TLS, and an answer. A broker of a network is
// asked for the directory, sealed, which nobody else can answer; one of no network that was joined hears a heartbeat of
// nobody, which it refuses, or as a web server if it keeps itself for those who were invited. An egress is asked for
// its front page, as every visitor sees it.
//
// Bounds: `limit` for all of it. Ownership: dialer, trust and rng outlive it. Threads: the executor's one thread.
#pragma once

#include <optional>

#include "base/rng.hpp"
#include "core/doctor/judge.hpp"
#include "io/dialer.hpp"
#include "io/tls_client.hpp"
#include "programs/doctor/targets.hpp"

namespace footbridge::doctor {

struct ServerSeen {
  core::Reach reach = core::Reach::Silent;
  Duration took{};
  std::optional<Seconds> ahead;    // our clock of its, if it proved its name in TLS
  std::optional<Bytes> directory;  // that a broker handed out; proves nothing by itself
};
asio::awaitable<ServerSeen> probe_broker(io::Dialer& dialer, io::TlsClient& trust, Way way, Rng& rng, Duration limit);
asio::awaitable<ServerSeen> probe_egress(io::Dialer& dialer, io::TlsClient& trust, Relay relay, Duration limit);

}  // namespace footbridge::doctor
