#include "io/session_path.hpp"

#include <utility>

#include "io/clock.hpp"
#include "io/session_host.hpp"

namespace footbridge::io {

SessionPath::SessionPath(asio::any_io_executor executor, const quic::ClientConfig& config,
                         core::ClientPathHandshake handshake, Rng& rng, SessionPathEvents& events)
    : events_(events),
      life_(config, quic::PathOptions{}, std::move(handshake), rng, *this),
      timer_(std::move(executor), [this](TimePoint at) { life_.on_deadline(at); }) {}

SessionPath::SessionPath(asio::any_io_executor executor, const quic::ServerConfig& config,
                         core::EgressPathHandshake handshake, Rng& rng, SessionPathEvents& events)
    : events_(events),
      life_(config, quic::PathOptions{}, std::move(handshake), rng, *this),
      timer_(std::move(executor), [this](TimePoint at) { life_.on_deadline(at); }) {}

SessionPath::~SessionPath() { life_.forsake(now()); }

void SessionPath::attach_pipe(MessagePipe& pipe) { life_.attach_pipe(now(), pipe); }

void SessionPath::attach(TimePoint now, SessionHost& host) {
  host_ = &host;
  life_.attach(now, host);
}

}  // namespace footbridge::io
