// SocksAssociation: one UDP association with the SOCKS5 proxy that this machine is behind (RFC 1928 §7): a TCP
// connection that asks for it and keeps it alive, and a UDP socket whose datagrams carry their destination in front.
//
//   Idle ──start()──▶ Connecting ──TCP──▶ Shaking ──granted──▶ Open
//                         └─ refused ─────────┴─ refused ────────┴─ the proxy closes ──▶ Over
//
// The UDP socket is connected to the proxy's own address and the port it named, whatever address it named beside: so
// the kernel lets nothing go elsewhere and nobody else in; what came before that is dropped. It is bound where the TCP
// connection is, because proxies admit datagrams of that address only.
//
// Bounds: as wire::Socks5Client; what the proxy says after its reply is read and forgotten.
// Errors: why() once it is over. No deadline of its own. Threads: one at a time. Ownership: owns its descriptors.
#pragma once

#include <cstdint>
#include <optional>

#include "io/datagrams.hpp"
#include "io/descriptor.hpp"
#include "io/detour.hpp"
#include "io/upstream.hpp"
#include "wire/socks5_client.hpp"

namespace footbridge::io {

class SocksAssociation final : public Detour, private DatagramRuns {
 public:
  SocksAssociation(Upstream upstream, std::optional<Private<wire::Destination>> stun_server);
  ~SocksAssociation() override;
  SocksAssociation(const SocksAssociation&) = delete;
  SocksAssociation& operator=(const SocksAssociation&) = delete;

  void start(DetourEvents& events) override;
  int descriptor() const override { return ready_.get(); }
  void work() override;
  void send_run(const wire::Destination& to, ByteView run, std::size_t segment_bytes) override;
  void allow_fragments(bool allowed) override;
  std::optional<Private<wire::Destination>> stun_server() const override { return stun_server_; }

  // Over: who said no. Failed also where an open association was closed.
  std::optional<UpstreamErrc> why() const { return why_; }

 private:
  enum class State : std::uint8_t { Idle, Connecting, Shaking, Open, Over };

  bool begin();
  bool watch(int descriptor, std::uint32_t what);
  void on_connected();
  void on_readable();
  void say();
  void open();
  void end(UpstreamErrc why);
  bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) override;
  ByteView header_of(const wire::Destination& to);

  Upstream upstream_;
  std::optional<Private<wire::Destination>> stun_server_;
  wire::Socks5Client socks_;
  DetourEvents* events_ = nullptr;  // null before start()
  State state_ = State::Idle;
  std::optional<UpstreamErrc> why_;
  Descriptor ready_;  // an epoll of the other two
  Descriptor tcp_;
  Descriptor udp_;
  Private<Endpoint> far_side_;          // where udp_ is connected
  Bytes unsaid_;                        // of the handshake, that the kernel did not take yet
  Private<wire::Destination> last_to_;  // whose header last_header_ is: mostly the next one, too
  Bytes last_header_;
  Bytes framed_;  // memory for the next run
};

}  // namespace footbridge::io
