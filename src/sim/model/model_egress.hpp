// ModelEgress: an egress of the model: core's guard of leg tokens, path handshake, sessions and stream limits, wired as
// programs/egress wires them, without sockets. A restart begins with nothing but its keys: no session survives it.
//
// Checked: sessions end when they have had no path for their time (P6), all of them keep within the memory budget (P3).
// Ownership: the keys' owner. Thread: one.
#pragma once

#include <map>
#include <memory>

#include "core/rendezvous/leg_token_guard.hpp"
#include "core/session/path_handshake.hpp"
#include "sim/model/egress_streams.hpp"
#include "sim/model/hop.hpp"
#include "sim/model/path_end.hpp"
#include "sim/model/session_end.hpp"

namespace footbridge::sim::model {

struct EgressTerms {
  std::size_t packet_bytes = core::kFragmentBytes;
  std::size_t memory_bytes = 64U << 20;
  double resets = 0;  // share of streams that the website resets
};

class ModelEgress final : public Timed, private core::SessionRegistry, private PathEndUser {
 public:
  ModelEgress(Ground& ground, std::uint64_t number, std::uint32_t boot, const crypto::SecretKey& leg_key,
              const EgressTerms& terms, Seed seed);
  ~ModelEgress() override;

  // A leg with this token asks to be let in: by the egress' wall clock. False: it gets the decoy.
  bool admits(UnixSeconds wall, std::string_view token, MatchId& match);
  void take_leg(Hop& leg, const MatchId& match, UnixSeconds wall);
  void crash(bool noticed);
  void calm_down();

  std::size_t sessions() const { return sessions_.size(); }
  // Of sessions with a path: what they have not let go of yet.
  std::uint64_t streams_left() const;
  bool holds(const SessionId& id) const;

 private:
  struct Visit;
  struct Session;

  void on_alarm() override {}
  // core::SessionRegistry
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;
  wire::Ok grant(const SessionId& id, const Session& session) const;
  // PathEndUser
  void on_path_ready(PathEnd& path) override;
  void on_path_silence(PathEnd&, core::Silence) override {}
  void on_path_over(PathEnd& path) override;
  void on_session_over(const SessionId& id);

  std::uint32_t boot_;
  Actor who_;
  EgressTerms terms_;
  Dice dice_;
  core::LegTokenGuard guard_;
  core::BoundedMemory memory_;
  std::map<SessionId, std::unique_ptr<Session>> sessions_;
  std::map<std::uint64_t, std::unique_ptr<Visit>> visits_;  // by the leg's number
};

}  // namespace footbridge::sim::model
