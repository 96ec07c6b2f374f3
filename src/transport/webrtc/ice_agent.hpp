// One ICE agent (RFC 8445) with one component: libnice gathers and checks; the pair it settles on is then ours.
// Sends no STUN SOFTWARE attribute. Candidates of the other side arrive already filtered.
//
//   Searching ──a pair works──▶ Connected ──settled, or kSettleLimit──▶ Owning ──another pair──▶ Owning
//       └──────── no pair works ─────▶ failed ◀── consent lost, no socket ─┘
//
// While Searching and Connected libnice carries the datagrams, one system call each. Owning, a socket connected to the
// other side does (pair_socket.hpp), many at a time, and consent.hpp asks and answers what libnice no longer hears;
// libnice goes on listening for all others and may settle on another pair. There are no relayed and no TCP candidates
// of ours: every pair is a plain UDP one.
//
// Where the link takes a detour, the agent's own sockets are on loopback and talk to stand-ins (ice_detour.hpp), and
// the pair is owned without a socket: its datagrams go straight through the detour. When the detour is over, so is
// this.
//
// Threads: the WebRTC thread only; events come from dispatches of its GMainContext or from inside gather(),
// set_remote() and on_tick(). None of them may destroy the agent.
// Ownership: the agent owns its sockets; destroying it closes them at once without a word to the other side.
#pragma once

#include <agent.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/time.hpp"
#include "crypto/system_rng.hpp"
#include "io/datagrams.hpp"
#include "transport/webrtc/consent.hpp"
#include "transport/webrtc/ice_detour.hpp"
#include "transport/webrtc/link.hpp"
#include "transport/webrtc/pair_socket.hpp"
#include "wire/ice_candidate.hpp"

namespace footbridge::webrtc {

// libnice calls a pair settled when no better one is left to try. Some never say so; their pair works all the same.
inline constexpr Millis kSettleLimit{2'000};
// To the helper of a detour: TCP with its retries at 1, 3 and 7 s, and what has to be said there.
inline constexpr Millis kDetourLimit{10'000};

class IceEvents {
 public:
  virtual ~IceEvents() = default;
  virtual void on_ice_begun() = 0;  // the detour is open, if there is one: candidates are being gathered
  virtual void on_ice_gathered() = 0;
  virtual void on_ice_connected() = 0;  // again whenever the pair changes
  virtual void on_ice_failed() = 0;     // no pair works, or consent has expired
  virtual void on_ice_datagram(ByteView datagram) = 0;
};

struct IceConfig {
  bool controlling = false;  // the offerer controls
  std::optional<Endpoint> stun_server;
  std::vector<IpAddress> local_addresses;  // empty: all interfaces except loopback
  std::optional<core::MappedPort> mapped;
  std::unique_ptr<io::Detour> detour;  // null: none. With one the three above do not matter
};

class IceAgent final : public io::DatagramSink, private io::DatagramRuns, private IceDetourEvents {
 public:
  IceAgent(GMainContext* context, IceConfig config, IceEvents& events);
  ~IceAgent() override;
  IceAgent(const IceAgent&) = delete;
  IceAgent& operator=(const IceAgent&) = delete;

  bool gather();  // false: no usable interface
  const IceCredentials& credentials() const { return credentials_; }
  std::vector<wire::IceCandidate> local_candidates() const;
  // The outer end of the mapped port as one more, if it is worth anything beside `others`, our local_candidates().
  std::optional<wire::IceCandidate> mapped_candidate(const std::vector<wire::IceCandidate>& others) const;
  bool set_remote(const IceCredentials& credentials, const std::vector<wire::IceCandidate>& candidates);

  // Over the chosen pair; dropped when there is none. Lost datagrams are not reported: this is UDP.
  void send_run(ByteView run, std::size_t segment_bytes) override;
  // Of the datagrams from now on; allowed at the beginning.
  void allow_fragments(bool allowed);
  // What consent has measured on the pair, once we own it.
  std::optional<Duration> round_trip() const { return consent_ ? consent_->round_trip() : std::nullopt; }
  // At least every 250 ms.
  void on_tick(TimePoint now);
  std::optional<LinkInfo::Pair> pair() const { return pair_; }
  // It failed because the detour could not be opened or ended.
  bool detour_lost() const { return detour_lost_; }

 private:
  enum class State : std::uint8_t { Searching, Connected, Owning, Failed };

  static void gathered(NiceAgent*, guint stream, gpointer self);
  static void state_changed(NiceAgent*, guint stream, guint component, guint state, gpointer self);
  static void pair_selected(NiceAgent*, guint stream, guint component, NiceCandidate*, NiceCandidate*, gpointer self);
  static void received(NiceAgent*, guint stream, guint component, guint length, gchar* data, gpointer self);
  static gboolean readable(gint socket, GIOCondition, gpointer self);

  struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
  };
  using SocketRef = std::unique_ptr<GSocket, Unref>;

  bool begin();
  std::optional<Endpoint> to_ice(const Endpoint& far_end);
  std::optional<Endpoint> from_ice(const NiceAddress& known) const;
  void on_detour_open() override;
  void on_detour_over() override;
  void on_pair_datagram(ByteView datagram) override { on_datagram(datagram); }
  void on_connected(bool settled);
  void on_pair_selected();
  SocketRef selected_socket() const;
  void own_pair(TimePoint now);
  bool own_socket(const NiceAddress& other_side);
  void send_to_pair(ByteView datagram);
  void let_pair_go();
  void watch_socket();
  bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) override;
  void on_datagram(ByteView datagram);
  void fail();

  IceEvents& events_;
  GMainContext* context_;
  bool controlling_;
  std::unique_ptr<NiceAgent, Unref> agent_;
  guint stream_ = 0;
  std::unique_ptr<IceDetour> detour_;  // null: the link has a network of its own
  std::optional<TimePoint> open_by_;   // the detour
  bool detour_lost_ = false;
  std::optional<core::MappedPort> mapped_;  // our sockets have its port
  IceCredentials credentials_;
  IceCredentials remote_credentials_;
  crypto::SystemRng rng_;
  State state_ = State::Searching;
  std::optional<TimePoint> own_at_;  // when to take the pair over
  std::optional<LinkInfo::Pair> pair_;
  bool fragments_allowed_ = true;

  // Owning.
  std::unique_ptr<PairSocket> socket_;
  GSource* watch_ = nullptr;
  int ice_socket_ = -1;  // libnice's, of the same local port
  std::optional<Private<Endpoint>> other_side_;
  std::optional<Consent> consent_;
};

}  // namespace footbridge::webrtc
