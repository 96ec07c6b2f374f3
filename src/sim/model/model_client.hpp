// ModelClient: a client's program in the model: core's path plan, rendezvous, path handshakes and sessions, wired as
// programs/client wires them, without sockets, and the applications behind it.
//
// Checked: an offer has one answer (P1), a session is given up only when the egress has (P2), attempts end in time
// (P6). Ownership: the network outlives it. Thread: one.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/path/path_plan.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "sim/model/client_streams.hpp"
#include "sim/model/network.hpp"
#include "sim/model/path_end.hpp"

namespace footbridge::sim::model {

struct ClientTerms {
  SelfTag self_tag;
  wire::Nat told_nat;
  std::size_t packet_bytes = core::kFragmentBytes;
  StreamTerms streams;
};

class ModelClient final : public RendezvousAsker, private PathEndUser {
 public:
  ModelClient(Ground& ground, std::uint64_t number, Network& network, const ClientTerms& terms, Seed seed);
  ~ModelClient() override;

  void crash(bool noticed);
  void on_network_change();
  void go_offline(bool offline);
  // The translator has forgotten them: they carry nothing any more, and nobody is told.
  void lose_links();
  ClientStreams& streams() { return streams_; }
  std::size_t carrying() const;
  // The last moment at which something carried.
  TimePoint carried_at() const { return carrying() > 0 ? now() : carried_at_; }
  // That its session has not let go of yet.
  std::uint64_t streams_left() const;
  std::size_t attempts() const { return attempts_.size(); }
  bool has_session() const { return session_ != nullptr; }
  // Why it is not connected, for a finding.
  std::string state() const;

  // RendezvousAsker
  void on_response(std::uint64_t id, ByteView body) override;
  void on_failed(std::uint64_t id) override;

 private:
  struct Attempt;
  struct Session;

  void on_alarm() override;
  void settle();
  void carry_out(core::PathPlan::Command& command);
  void carry_out(core::ClientRendezvous::Output& output);
  void make(core::PathKey key);
  void search(const core::PathPlan::Search& wanted);
  void use(Attempt& attempt, const wire::Match& match);
  void open(Attempt& attempt);
  void leave(Attempt& attempt);
  void finish(Attempt& attempt, core::PathPlan::Loss loss);
  void retire_session();
  void on_session_event(Session& session, const core::SessionEvent& event);
  Attempt* find(core::PathKey key);
  Attempt* find(const PathEnd& path);

  // PathEndUser
  void on_path_ready(PathEnd& path) override;
  void on_path_silence(PathEnd& path, core::Silence silence) override;
  void on_path_filler(PathEnd& path, ByteView message) override;
  void on_path_over(PathEnd& path) override;

  std::uint64_t number_;
  Network& network_;
  ClientTerms terms_;
  Dice dice_;
  core::PathPlan plan_;
  core::ClientRendezvous rendezvous_;
  core::BoundedMemory memory_;
  ClientStreams streams_;
  std::vector<core::PathKey> asked_for_;
  std::uint16_t shard_ = 0;
  std::set<MatchId> matches_;
  std::unique_ptr<Session> session_;
  std::vector<std::unique_ptr<Session>> old_;  // to be destroyed when no path is attached any more
  std::vector<std::unique_ptr<Attempt>> attempts_;
  TimePoint carried_at_{};
  bool settling_ = false;
  bool again_ = false;
};

}  // namespace footbridge::sim::model
