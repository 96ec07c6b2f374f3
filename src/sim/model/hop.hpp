// Hop: a link or a relay leg of the model: two ends, a Link of weather in each direction, and the ways in which such a
// thing opens, closes, stalls and dies. Its ends are MessagePipes, so that core's Relay runs on them unchanged.
//
//   Opening ──open()──▶ Open ──close(), the other end's close, silence for notices_after, a crash──▶ Closed
//
// A link loses what the weather takes, and everything while it is cut. A leg is TCP: it loses nothing, and what arrives
// while it is cut or not read waits and counts as the sender's backlog. Who sits at an end may vanish at any time: he
// says forget_user(), or the world says vanish() for him.
// Bounds: what a proxy, which is end 1 of a link and end 0 of a leg, may have queued is checked (P3). Thread: one.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/pipe.hpp"
#include "sim/ground.hpp"
#include "sim/link.hpp"

namespace footbridge::sim::model {

enum class HopKind : std::uint8_t { Link, Leg };

struct HopTerms {
  std::array<LinkWeather, 2> weather;    // by the end that sends
  Duration notices_after = Seconds{10};  // consent (RFC 7675) of a link, pings of a leg
};

class Hop;

class HopEnd final : public MessagePipe {
 public:
  HopEnd(Hop& hop, int side) : hop_(hop), side_(side) {}
  HopEnd(const HopEnd&) = delete;
  HopEnd& operator=(const HopEnd&) = delete;

  void set_user(PipeEvents& user) { user_ = &user; }
  void forget_user() { user_ = nullptr; }
  Hop& hop() { return hop_; }
  bool taken() const { return user_ != nullptr; }
  bool over() const { return told_; }  // who takes it now hears nothing any more

  bool send(ByteView message) override;
  void flush() override {}
  std::size_t backlog_bytes() const override;
  std::size_t max_message_bytes() const override;
  void pause_reading(bool paused) override;
  void close(PipeEnd end) override;

 private:
  friend class Hop;
  enum class State : std::uint8_t { Opening, Open, Closed };

  Hop& hop_;
  int side_;
  PipeEvents* user_ = nullptr;
  State state_ = State::Opening;
  bool paused_ = false;
  bool told_ = false;  // on_closed() was called, or nobody is there to be told
  bool drain_awaited_ = false;
  std::vector<Bytes> held_;  // arrived, not read
  std::size_t held_bytes_ = 0;
};

class Hop final : public Timed {
 public:
  Hop(Ground& ground, HopKind kind, std::uint64_t number, const HopTerms& terms, Seed seed);

  HopEnd& end(int side) { return ends_[static_cast<std::size_t>(side)]; }
  HopKind kind() const { return kind_; }
  std::uint64_t number() const { return number_; }

  void open();
  bool is_open() const { return ends_[0].state_ == HopEnd::State::Open && ends_[1].state_ == HopEnd::State::Open; }
  // Nobody is told; who listens for notices_after in vain finds out.
  void cut(bool is_cut);
  void change(int side, const LinkWeather& weather) { links_[static_cast<std::size_t>(side)].change(weather); }
  // The program at this end is gone. `noticed`: its machine lives and tells the other end.
  void vanish(int side, bool noticed);
  bool over() const { return ends_[0].told_ && ends_[1].told_; }
  // Over for so long that nobody holds an end of it any more.
  bool forgotten() const { return over() && now() - over_since_ > Seconds{5}; }
  Duration one_way() const { return links_[0].weather().delay; }

 private:
  friend class HopEnd;
  void on_alarm() override {}
  void transmit(int from, ByteView message);
  void arrive(int to, Bytes message);
  void release(int to);
  void await_drained(int side);
  void close(int side, PipeEnd why);
  void shut(int side, PipeEnd why, Duration after);
  Link& link(int side) { return links_[static_cast<std::size_t>(side)]; }

  HopKind kind_;
  std::uint64_t number_;
  Duration notices_after_;
  std::array<Link, 2> links_;
  std::array<HopEnd, 2> ends_;
  std::uint32_t cuts_ = 0;
  bool is_cut_ = false;
  TimePoint over_since_{};
};

}  // namespace footbridge::sim::model
