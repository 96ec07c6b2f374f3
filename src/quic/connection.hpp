// Connection: one QUIC connection between a client and an egress, which is all there is of a path's cryptography.
// ngtcp2 and GnuTLS behind a sans-IO face: time and randomness are arguments (TLS alone draws its own), packets go in
// with on_packet() and come out of next_packet(). It never migrates, resumes, retries or probes path sizes: it lives
// and dies with its pipe. Spec: docs/spec/04-path.md.
//
//   Handshaking ──TLS done──▶ Established ──close()/error/timeout──▶ Closing ──3 PTO──▶ Over
//        │                        │                                                      ▲
//        ├──error──▶ Closing      └──────────peer closed / idle timeout──────────────────┤
//        └──peer closed / handshake timeout before any answer────────────────────────────┘
//
// After a failure of any kind the CONNECTION_CLOSE for the peer is what next_packet() gives next; while Closing, each
// packet heard (thinned out) makes next_packet() give it again.
//
// Threads: one. Events are told from inside on_packet(), on_deadline(), next_packet() and close(). From inside an event
// only send_control(), close(), stats() and the getters may be called, and the Connection may not be destroyed.
// Bounds: one stream (bidirectional, opened by the client), kMaxControlBytes unacknowledged on it, kControlWindowBytes
// received out of order, one datagram pulled ahead. Everything else a peer could grow is refused by transport
// parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/path/packet_sizes.hpp"
#include "quic/close_info.hpp"
#include "quic/identity.hpp"

namespace footbridge::quic {

inline constexpr std::string_view kAlpn = "footbridge/1";

// PATH-T*: see the specification for the reasons.
inline constexpr Seconds kIdleTimeout{60};
inline constexpr Seconds kHandshakeTimeout{20};
inline constexpr Seconds kKeepAliveMin{15};
inline constexpr Seconds kKeepAliveMax{25};
inline constexpr Millis kMinInitialRtt{10};
inline constexpr Millis kMaxInitialRtt{1000};
inline constexpr Millis kDefaultInitialRtt{200};

inline constexpr std::size_t kHandshakePacketBytes = 1200;  // RFC 9000 §14.1; used until the handshake is confirmed
inline constexpr std::size_t kMaxControlBytes = 16 * 1024;
inline constexpr std::size_t kControlWindowBytes = 64 * 1024;

// What a packet with a datagram spends on itself: flags 1, no connection ID (spec §6.1), packet number 4 (shorter ones
// leave up to 3 bytes unused), DATAGRAM type 1 and length 2, AEAD tag 16.
inline constexpr std::size_t kPacketOverheadBytes = 24;
constexpr std::size_t datagram_bytes(std::size_t packet_bytes) { return packet_bytes - kPacketOverheadBytes; }

// The largest id that a DatagramSource may use: the packet size travels beside it in ngtcp2's 64 bits.
inline constexpr core::DatagramId kMaxDatagramId = (core::DatagramId{1} << 50) - 1;

class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  virtual void on_established(TimePoint now) = 0;
  virtual void on_datagram(TimePoint now, ByteView payload) = 0;
  // packet_bytes: size of the packet that carried it when it was full, for the packet ladder; otherwise 0.
  virtual void on_datagram_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate,
                                std::size_t packet_bytes) = 0;
  // The next bytes of the control stream, in order.
  virtual void on_control(TimePoint now, ByteView bytes, bool fin) = 0;
  // Once. Nothing but next_packet() and deadline() is of use afterwards.
  virtual void on_closed(TimePoint now, const CloseInfo& info) = 0;
};

struct ConnectionConfig {
  Duration initial_rtt = kDefaultInitialRtt;             // measured below us (ICE); clamped to kMin..kMaxInitialRtt
  std::size_t max_packet_bytes = core::kMaxPacketBytes;  // the most that set_packet_bytes() will be asked for
};

struct ClientConfig {
  SpkiPin pin;  // the egress's
  ConnectionConfig connection;
};

struct ServerConfig {
  const Identity& identity;
  ConnectionConfig connection;
};

enum class QuicErrc : std::uint8_t {
  NotAnInitial = 1,  // not the first packet of a QUIC v1 connection: drop it, wait for another
  Internal,          // the library could not start a connection: close the pipe
};

class Connection {
 public:
  static std::unique_ptr<Connection> connect(const ClientConfig& config, TimePoint now, Rng& rng,
                                             ConnectionEvents& events, core::DatagramSource& source);
  // first_packet has been consumed when this succeeds. Events that it causes wait for the next on_packet() or
  // on_deadline(), except none: a single Initial establishes nothing. The identity must outlive the connection.
  static Result<std::unique_ptr<Connection>, QuicErrc> accept(const ServerConfig& config, TimePoint now, Rng& rng,
                                                              ByteView first_packet, ConnectionEvents& events,
                                                              core::DatagramSource& source);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A message of 1..core::kMaxPacketBytes bytes; others are ignored. Anything may be in it.
  void on_packet(TimePoint now, ByteView packet);
  void on_deadline(TimePoint now);
  std::optional<TimePoint> deadline() const;

  // The next packet to send; nullopt: nothing to send, or congestion window and pacing forbid it now. Valid until the
  // next call of any kind. Pulls from the source only when the congestion window has room.
  std::optional<ByteView> next_packet(TimePoint now);
  // Tells pacing that the packets given so far were handed over together. After every flush.
  void end_burst(TimePoint now);
  // How many bytes next_packet() will give before it wants end_burst(); a good bound for one flush.
  std::size_t send_quantum() const;

  // Queues bytes for the control stream. False: more than kMaxControlBytes would wait for acknowledgement, or the
  // connection is over; nothing was taken. May be called before the handshake is done.
  [[nodiscard]] bool send_control(ByteView bytes);
  void close(TimePoint now, std::uint64_t code);

  // Size of the packets that carry datagrams, kFragmentBytes..max_packet_bytes; counts after the handshake.
  void set_packet_bytes(std::size_t bytes);

  core::PathStats stats() const;
  bool established() const;
  bool closed() const;  // on_closed was told
  bool over() const;    // and no packet will ever come again

 private:
  class Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footbridge::quic
