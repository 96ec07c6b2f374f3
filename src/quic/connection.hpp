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
#include "quic/control_buffer.hpp"
#include "quic/identity.hpp"

struct ngtcp2_conn;

namespace footbridge::quic {

class TlsSession;

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
  std::size_t max_packet_bytes = core::kMaxPacketBytes;  // the most that set_packet_bytes() will be asked for, and
                                                         // that we take, as we tell the peer; it has 1200 in any case
  std::string_view alpn = kAlpn;                         // static text; tests disagree on it on purpose
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
  // Looks at the first packet and makes the egress's end for it; the caller then gives the same packet to on_packet().
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
  // Gives memory back while nothing is under way; for the end of a flush.
  void rest();
  // How many bytes next_packet() will give before it wants end_burst(); a good bound for one flush.
  std::size_t send_quantum() const;

  // Queues bytes for the control stream. False: more than kMaxControlBytes would wait for acknowledgement, or the
  // connection is over; nothing was taken. May be called before the handshake is done.
  [[nodiscard]] bool send_control(ByteView bytes);
  // The peer's QUIC end has everything that was given to send_control(), and has told its user.
  bool control_acknowledged() const { return control_.held_bytes() == 0; }
  void close(TimePoint now, std::uint64_t code);

  // Size of the packets that carry datagrams, kFragmentBytes..max_packet_bytes; counts after the handshake.
  void set_packet_bytes(std::size_t bytes);

  // The longest packet that the peer takes; nullopt before its transport parameters are known.
  std::optional<std::size_t> peer_takes_bytes() const {
    return profile_checked_ ? std::optional(peer_packet_bytes_) : std::nullopt;
  }
  core::PathStats stats() const;
  bool established() const;
  bool closed() const;  // on_closed was told
  bool over() const;    // and no packet will ever come again

 private:
  friend struct Ngtcp2Glue;  // the library's callbacks, in connection_setup.cpp
  enum class State : std::uint8_t { Handshaking, Established, Closing, Over };
  struct Free {
    void operator()(ngtcp2_conn* conn) const;
  };
  // A datagram pulled from the source and not yet in a packet, because pacing held it back.
  struct Held {
    std::uint64_t library_id = 0;
    std::size_t packet_bytes = 0;
  };

  Connection(const ConnectionConfig& config, TimePoint now, Rng& rng, ConnectionEvents& events,
             core::DatagramSource& source);
  bool start_client(const ClientConfig& config);
  Status<QuicErrc> start_server(const ServerConfig& config, ByteView first_packet);
  void advance(TimePoint now);

  // Writing, connection_write.cpp
  std::size_t room_bytes() const;
  bool may_pull() const;
  std::uint64_t queue_surplus_bytes(std::uint64_t window_bytes, std::uint64_t rtt, std::uint64_t min_rtt) const;
  bool hold_datagram();
  std::ptrdiff_t write_control();
  std::ptrdiff_t write_datagram();
  std::ptrdiff_t write_rest();
  std::optional<ByteView> packet_written(std::size_t bytes);
  void redraw_keep_alive();

  // Ending, connection_close.cpp
  void check_profile();
  void settle();
  void fail(int library_error);
  void finish_by_peer();
  void start_closing(const CloseInfo& info);
  void tell_closed(const CloseInfo& info, State next);

  const ConnectionConfig config_;
  Rng& rng_;
  ConnectionEvents& events_;
  core::DatagramSource& source_;
  std::unique_ptr<TlsSession> tls_;  // outlives conn_, which points into it
  std::unique_ptr<ngtcp2_conn, Free> conn_;
  State state_ = State::Handshaking;
  bool client_ = false;
  bool confirmed_ = false;  // both ends know that the handshake is done: packets may be short
  bool profile_checked_ = false;
  bool stream_open_ = false;
  bool control_blocked_ = false;  // by the peer's window
  bool in_call_ = false;          // inside the library or an event: endings wait for settle()
  std::optional<CloseInfo> ending_;
  TimePoint now_;
  TimePoint last_heard_;
  TimePoint last_active_;
  TimePoint paced_until_;
  std::size_t burst_bytes_ = 0;
  std::size_t packet_bytes_ = core::kFragmentBytes;
  std::size_t peer_packet_bytes_ = core::kFragmentBytes;  // the most that the peer takes
  ControlBuffer control_{kMaxControlBytes};
  std::optional<Held> held_;
  Bytes datagram_;      // held_'s bytes
  Bytes packet_;        // what next_packet() shows
  Bytes close_packet_;  // CONNECTION_CLOSE, kept for those who go on talking
  bool close_due_ = false;
  std::uint64_t heard_while_closing_ = 0;
  TimePoint closing_until_;
};

}  // namespace footbridge::quic
