// One peer connection on the WebRTC thread: composes ICE, DTLS and what carries messages above it (SCTP and the data
// channel, or DTLS records alone), and carries batches to and from the Link on the I/O thread. What happens to it is in
// peer.cpp, what passes through it in peer_traffic.cpp.
//
//   Gathering ──gathered or kGatherLimit──▶ Waiting ──answer──▶ Checking ──pair──▶ Shaking ──DTLS──▶ Opening ──▶ Open
//       └─────────────────────────(answerer: at once)────────────▶ ┘ 15 s            │ 10 s     ▲     10 s (SCTP, DCEP)
//                                                   both can do without SCTP: Agreeing ─────────┴──▶ Open (native)
//   any state ──failure, deadline, close──▶ Closed                              10 s
//
// Threads: the WebRTC thread only, except for the mailbox.
// Ownership: the engine owns peers. Failures inside callbacks only note how it ended; the layers are taken down in
// settle(), where none of them is on the call stack. A peer whose Link is gone tells the other side, then is
// finished().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bounded_queue.hpp"
#include "crypto/system_rng.hpp"
#include "io/datagrams.hpp"
#include "transport/webrtc/certificate.hpp"
#include "transport/webrtc/data_channel.hpp"
#include "transport/webrtc/dtls_openssl.hpp"
#include "transport/webrtc/engine.hpp"
#include "transport/webrtc/ice_agent.hpp"
#include "transport/webrtc/mailbox.hpp"
#include "transport/webrtc/native_agreement.hpp"
#include "transport/webrtc/sctp_association.hpp"
#include "transport/webrtc/stun_servers.hpp"

namespace footbridge::webrtc {

inline constexpr Millis kGatherLimit{4'000};          // p95 of a mobile network; later answers are not worth the wait
inline constexpr Millis kIceLimit{15'000};            // twice what libnice needs to try all checks of eight candidates
inline constexpr Millis kDtlsLimit{10'000};           // a handshake with every flight lost six times
inline constexpr Millis kSctpLimit{10'000};           // INIT, COOKIE and DCEP with retransmissions
inline constexpr Millis kAgreementLimit{10'000};      // of an answerer whose offerer says nothing more
inline constexpr std::size_t kMaxEarlyDatagrams = 8;  // a browser's ClientHello is two, it may repeat it thrice
inline constexpr std::size_t kReceiveBatchDatagrams = 64;  // libnice drains its socket in one go: answer within
inline constexpr Millis kInfoInterval{1'000};              // how stale LinkInfo::round_trip may be

class Peer;

// What the engine lends its peers.
struct PeerHost {
  GMainContext* context = nullptr;
  const EngineConfig* config = nullptr;
  SctpStack* sctp = nullptr;
  DtlsContext* dtls = nullptr;
  StunServers* stun = nullptr;
  std::vector<Peer*> dirty;  // settle() is due before the thread sleeps again
};

class Peer final : private IceEvents, private DtlsEvents, private SctpEvents {
 public:
  Peer(PeerHost& host, NewPeer made);
  ~Peer() override;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void start();
  void on_mail();
  void on_tick(TimePoint now);
  void settle();
  bool finished() const { return state_ == State::Closed && forgotten_; }
  bool setting_up() const { return state_ != State::Open && state_ != State::Closed; }

 private:
  enum class State : std::uint8_t { Gathering, Waiting, Checking, Shaking, Agreeing, Opening, Open, Closed };

  void enter(State next, std::optional<Duration> limit);
  void fail(PipeEnd end);
  void take_down();
  void mark_dirty();

  void read_mail();
  void publish_description();
  void connect();
  DtlsRole dtls_role() const;
  void begin_agreement();
  void carry_agreement(TimePoint now);
  void open_data_channel();
  void open_native();
  bool is_native() const { return state_ == State::Open && channel_ == std::nullopt; }
  void pump();
  void receive(ByteView message);
  void flush_network();
  void hand_over();
  bool may_resume() const;
  void resume_reading();
  void update_info(TimePoint now);

  void on_ice_begun() override;
  void on_ice_gathered() override;
  void on_ice_connected() override;
  void on_ice_failed() override;
  void on_ice_datagram(ByteView datagram) override;
  void on_dtls_datagram(ByteView datagram) override;
  void on_dtls_up() override;
  void on_dtls_record(ByteView record) override;
  void on_dtls_end(DtlsEnd end) override;
  void on_sctp_packet(ByteView packet) override;
  void on_sctp_sack_held() override { mark_dirty(); }
  void on_sctp_up() override;
  bool on_sctp_message(StreamId stream, PayloadProtocol protocol, ByteView message) override;
  void on_sctp_stream_reset(StreamId stream) override;
  void on_sctp_end(SctpEnd end) override;

  PeerHost& host_;
  LinkMailboxPtr mailbox_;  // owners: Link and Peer
  DescriptionRole role_;
  LinkConfig config_;
  State state_ = State::Gathering;
  std::optional<TimePoint> deadline_;
  std::optional<PipeEnd> end_;  // noted; settle() takes the layers down
  bool forgotten_ = false;
  bool dirty_ = false;

  std::optional<Endpoint> stun_server_;
  std::optional<wire::SessionDescription> remote_;
  LinkKind best_;  // what this end can do and, once it is known, the other, too
  crypto::SystemRng rng_;
  Certificate certificate_;
  std::unique_ptr<IceAgent> ice_;
  std::unique_ptr<Dtls> dtls_;
  std::unique_ptr<SctpAssociation> sctp_;
  std::optional<NativeAgreement> agreement_;  // where both ends can do without SCTP
  std::optional<DataChannel> channel_;
  MessageBatch native_queue_;
  io::DatagramBatch batch_;
  BoundedQueue<Bytes, kMaxEarlyDatagrams> early_;  // DTLS before its time
  std::size_t received_since_flush_ = 0;

  ToPeer mail_;  // the box being read; its memory goes round
  ToLink out_;   // gathered for the next hand-over
  LinkInfo info_;
  TimePoint info_due_{};
  std::size_t unread_bytes_ = 0;  // in the I/O thread's box after the last hand-over
  bool reading_stopped_ = false;  // the association waits for resume()
  bool paused_by_user_ = false;
  std::uint64_t taken_bytes_ = 0;
};

}  // namespace footbridge::webrtc
