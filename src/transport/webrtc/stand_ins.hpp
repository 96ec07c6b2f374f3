// StandIns: loopback ports of ours, each of which stands for one far end of a link that takes a detour. ICE (libnice)
// knows only them; its socket is bound to 127.0.0.1 and to the device "lo" (IceAgent says when that holds).
//
//   libnice 127.0.0.1:p ──▶ stand-in 127.0.0.1:q ══▶ detour ══▶ the far end it stands for
//               p ◀── q ◀══ detour ◀══ the same; or somebody new, who gets a stand-in if its check is authentic
//
// In a check's answer ICE says under which address it saw the other side, and what it saw is the stand-in; the answer
// is written anew with the far end's own address, or our peers would learn how we are built.
//
// A STUN server may send whoever asks it to another one (ALTERNATE-SERVER), and libnice would ask that one past the
// stand-ins. So of what answers a question to a server only a success reaches ICE, whoever sent it.
//
// Bounds: kMaxStandIns and kMaxStunQuestions; the next one is refused. Errors: what cannot be sent is lost.
// Threads: the WebRTC thread only. Ownership: the detour outlives it; it owns its sockets.
#pragma once

#include <glib.h>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "io/descriptor.hpp"
#include "io/detour.hpp"
#include "transport/webrtc/stun_integrity.hpp"
#include "wire/ice_candidate_filter.hpp"

namespace footbridge::webrtc {

// Every candidate of a description, a STUN server, and as many that show up as peer-reflexive ones.
inline constexpr std::size_t kMaxStandIns = 2 * wire::kMaxUsedCandidates + 1;
// Different questions of one link to STUN servers: libnice asks once, and again every 25 s until it has a pair.
inline constexpr std::size_t kMaxStunQuestions = 16;

class StandIns {
 public:
  StandIns(GMainContext* context, io::Detour& detour);
  ~StandIns();
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  // Ours, by which authentic checks are known. Before the first datagram.
  void set_credentials(IceCredentials local) { local_ = std::move(local); }
  // Where ICE listens; nobody else on this machine is heard, and before it nothing arrives. False: the system refuses.
  [[nodiscard]] bool serve(const Endpoint& ice);

  // Whom ICE is to talk to instead; nullopt: kMaxStandIns, or the system refuses.
  std::optional<Endpoint> stand_in(const wire::Destination& far_end);
  // Whom this one stands for; nullopt: it is none.
  std::optional<wire::Destination> behind(const Endpoint& stand_in) const;
  // From the detour, to ICE.
  void on_datagram(const wire::Destination& from, ByteView datagram);

 private:
  struct One;
  struct Question;

  static gboolean readable(gint socket, GIOCondition, gpointer one);
  One* find(const wire::Destination& far_end);
  One* make(const wire::Destination& far_end);
  One* whom(const wire::Destination& from, ByteView datagram);
  bool is_check_for_us(ByteView datagram) const;
  const Question* answered_by(ByteView datagram) const;
  bool may_ask(const One& server, ByteView question);
  void send_on(One& one, ByteView datagram);

  GMainContext* context_;
  io::Detour& detour_;
  IceCredentials local_;
  std::optional<Endpoint> ice_;
  std::vector<std::unique_ptr<One>> all_;
  std::vector<Question> questions_;  // all of this link: an answer may be late
};

}  // namespace footbridge::webrtc
