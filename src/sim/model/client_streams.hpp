// ClientStreams: the applications behind one client. In bursts with silence between them they open streams through the
// session, send a request and some bytes, and read the reply; some read slowly, some give up half-way.
//
// Every byte is checked (P2). A stream ends by its ends, or with its session; anything else is a finding.
// Bounds: Terms::most_streams at once. Ownership: the session is told to it and taken away again. Thread: one.
#pragma once

#include <cstdint>
#include <map>

#include "sim/ground.hpp"
#include "sim/model/session_end.hpp"
#include "sim/model/stream_traffic.hpp"

namespace footbridge::sim::model {

struct StreamTerms {
  std::size_t most_streams = 8;
  Duration silence_least = Seconds{15};
  Duration silence_most = Seconds{120};
  std::uint64_t most_bytes = 400'000;
  double stalls = 0;    // share of readers that pause
  double gives_up = 0;  // share of streams that either end resets
};

struct StreamCount {
  std::uint64_t opened = 0, completed = 0, given_up = 0, refused = 0, lost_with_session = 0;
  std::uint64_t bytes_up = 0, bytes_down = 0;
};

class ClientStreams final : public Timed {
 public:
  ClientStreams(Ground& ground, std::uint64_t client, const StreamTerms& terms, Seed seed);

  void use(SessionEnd& session);
  // The streams of a session that has ended are gone with it.
  void forget_session();
  void on_event(const core::SessionEvent& event);

  // No new streams from now on: those that live are to end.
  void close() { closing_ = true; }
  // Nobody is slow and nobody gives up any more.
  void calm_down();
  std::size_t live() const { return streams_.size(); }
  bool active() const { return !streams_.empty() || wants_ > 0; }
  const StreamCount& count() const { return count_; }
  // A word about the stream that has waited longest.
  std::string oldest() const;

 private:
  struct Stream {
    Outgoing up;
    Incoming down;
    Bytes head;  // OPENED, until it is whole
    bool opened = false;
    bool heard_all = false;  // the reply; the upload may go on
    TimePoint since{};
    std::optional<TimePoint> stalled_until;
    std::optional<std::uint64_t> gives_up_at;  // bytes read
  };

  void on_alarm() override;
  void open_wanted();
  void open_one();
  void read(core::StreamId id);
  void read_head(core::StreamId id, Stream& stream);
  void wrong(core::StreamId id, const char* what);

  std::uint64_t client_;
  StreamTerms terms_;
  Dice dice_;
  SessionEnd* session_ = nullptr;
  std::map<core::StreamId, Stream> streams_;
  std::size_t wants_ = 0;  // streams to open as soon as there is a session
  TimePoint next_burst_{};
  bool closing_ = false;
  std::uint64_t last_key_ = 0;
  StreamCount count_;
};

}  // namespace footbridge::sim::model
