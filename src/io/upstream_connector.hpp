// UpstreamConnector: TCP connections through the SOCKS5 proxy that this machine is behind. A host name goes to the
// proxy as a name: nothing is looked up here.
//
// Errors: ConnectErrc::Upstream when the proxy itself is the reason (absent or silent, no SOCKS5, wrong credentials,
// its rules); the others are its word about the destination. Cancelling ends the attempt at once. Nothing ever goes
// past the proxy. Threads: the executor's one thread.
#pragma once

#include "io/dialer.hpp"
#include "io/upstream.hpp"

namespace footbridge::io {

class UpstreamConnector final : public Dialer {
 public:
  UpstreamConnector(asio::any_io_executor executor, Upstream upstream);
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port,
                                                            Duration limit) override;

 private:
  using Connected = Result<tcp::socket, ConnectErrc>;
  // `answered`: the proxy has said how it wants to be spoken to; what is late then is the destination.
  asio::awaitable<Connected> open(wire::Destination to, bool& answered);

  asio::any_io_executor executor_;
  Upstream upstream_;
};

}  // namespace footbridge::io
