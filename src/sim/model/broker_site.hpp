// BrokerSite: a broker of the model: core's Broker, and the requests on their way to it and back, which take time and
// may be lost. Who asks is a RendezvousAsker and may vanish while its request is held.
//
// Checked: a request is answered within the longest hold (P6); an answer holds no private address, and nothing by which
// somebody else could be known again: volunteers' ids, tags of installations (P5).
// Thread: one.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "core/rendezvous/broker.hpp"
#include "sim/ground.hpp"
#include "sim/model/secrets.hpp"

namespace footbridge::sim::model {

class RendezvousAsker : public Timed {
 public:
  RendezvousAsker(Ground& ground, Actor who) : Timed(ground), who_(who) {}
  const Actor& who() const { return who_; }
  virtual void on_response(std::uint64_t id, ByteView body) = 0;
  virtual void on_failed(std::uint64_t id) = 0;
  // Its network is gone for a while: requests and responses get lost.
  bool offline = false;

 protected:
  const Actor who_;
};

struct ExchangeWeather {
  Duration delay = Millis{60};  // one way
  Duration jitter = Millis{60};
  double loss = 0;  // of a request, and of a response
};

class BrokerSite final : public Timed {
 public:
  BrokerSite(Ground& ground, std::uint64_t number, core::BrokerConfig config, Seed seed);

  void post(RendezvousAsker& asker, std::uint64_t id, Bytes body, const core::RequesterInfo& who);
  void abandon(RendezvousAsker& asker, std::uint64_t id);
  // The asker's program is gone, and its connections with it.
  void forget(const RendezvousAsker& asker);

  void crash();
  void restart();
  bool running() const { return broker_.has_value(); }
  void change(const ExchangeWeather& weather) { weather_ = weather; }
  void set_skew(Seconds skew) { skew_ = skew; }
  const core::BrokerStats& stats() const { return broker_->stats(); }

 private:
  struct Open {
    Standing asker;
    Actor who;
    std::uint64_t id = 0;
    TimePoint since{};
  };
  void on_alarm() override;
  void arrive(Standing asker, std::uint64_t id, const Bytes& body, const core::RequesterInfo& who);
  void note_secrets(Actor who, const Bytes& body);
  void settle();
  void answer(const Open& open, Bytes body);
  void fail(Standing asker, std::uint64_t id, Duration after);
  void gone(core::RequestKey key);
  Duration way() { return weather_.delay + dice_.duration({}, weather_.jitter); }
  UnixSeconds unix_now() const;

  std::uint64_t number_;
  core::BrokerConfig config_;
  Dice dice_;
  std::optional<core::Broker> broker_;
  Secrets secrets_;
  ExchangeWeather weather_;
  Seconds skew_{0};
  core::RequestKey last_key_ = 0;
  std::map<core::RequestKey, Open> open_;
  std::map<std::pair<Standing, std::uint64_t>, core::RequestKey> key_of_;
};

// Wall time of the model, before anybody's clock is wrong.
UnixSeconds wall_clock(TimePoint now, Seconds skew);

}  // namespace footbridge::sim::model
