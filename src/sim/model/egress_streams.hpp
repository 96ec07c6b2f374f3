// EgressStreams: the streams of one session where they leave: reads OPEN and the request behind it, asks core's limits,
// checks what is uploaded (P2), and answers as the website would; some websites reset.
//
// Ownership: the session outlives it. Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "core/egress/stream_limits.hpp"
#include "sim/ground.hpp"
#include "sim/model/session_end.hpp"
#include "sim/model/stream_traffic.hpp"

namespace footbridge::sim::model {

class EgressStreams final : public Timed {
 public:
  EgressStreams(Ground& ground, Actor who, double resets, Seed seed)
      : Timed(ground), who_(who), resets_(resets), dice_(seed) {}

  void use(SessionEnd& session) { session_ = &session; }
  void on_event(const core::SessionEvent& event);
  void calm_down() { resets_ = 0; }
  std::size_t live() const { return streams_.size(); }

 private:
  // OPEN and the request are gathered in `head`; then the upload is read and the reply written.
  struct Stream {
    Bytes head;
    bool serving = false;
    bool refused = false;
    bool heard_all = false;
    Incoming up;
    Outgoing down;
  };

  void on_alarm() override {}
  void read(core::StreamId id);
  bool read_request(core::StreamId id, Stream& stream);
  void serve(core::StreamId id, Stream& stream, std::uint64_t key, std::uint64_t up, std::uint64_t down);
  void end(core::StreamId id);
  void wrong(core::StreamId id, const char* what);

  Actor who_;
  double resets_;
  Dice dice_;
  SessionEnd* session_ = nullptr;
  core::StreamLimits limits_;
  std::map<core::StreamId, Stream> streams_;
  std::set<std::uint64_t> keys_;  // of all streams there ever were: none comes twice
};

}  // namespace footbridge::sim::model
