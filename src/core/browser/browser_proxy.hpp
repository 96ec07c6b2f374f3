// BrowserProxy: a volunteer in a web page or an extension. The same deciders as the daemon's (ProxyEngine,
// ProxyRendezvous), tied together as src/programs/proxy/volunteer.cpp ties them there: events come in, commands are
// drained through poll() after every call. Links, legs and requests are the browser's; their bytes never come here.
//
// Of an offer only candidates that a link may use go out (offer_filter.hpp); an offer that is none is
// refused here. Relays are dialled over WebSocket, and proven as any web site is: a browser has neither UDP nor pins.
// Bounds: ProxyEngine's, ProxyRendezvous's, one record for each slot. Ownership: rng outlives it. Pure; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ring.hpp"
#include "core/browser/page_network.hpp"
#include "core/browser/rendezvous_posts.hpp"
#include "core/limits/helped_now.hpp"
#include "core/limits/people.hpp"
#include "core/limits/volunteer_limits.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "core/proxy/slot_activity.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"

namespace footbridge::core {

struct BrowserProxyConfig {
  std::vector<std::string> relays;  // as ProxyEngineConfig::allowed_relays
  std::size_t ways = 1;             // to brokers, 1..kMaxWays; who calls knows their URLs
  std::vector<WaySeal> seals{};     // one for each way; empty: nothing is sealed
  crypto::X25519KeyPair key;        // its public half is the proxy's id
  SelfTag self_tag;
  std::optional<wire::InviteId> invite{};
  wire::Families families = wire::Families::Both;
  wire::ProxyForm form = wire::ProxyForm::Widget;
  bool was_warned = false;            // as ProxyRendezvousConfig
  bool allow_private_egress = false;  // demo and tests, both
  bool allow_private_candidates = false;
};

// What a person is told.
struct BrowserStatus {
  bool on = false;           // the switch
  bool heard = false;        // a broker has answered since it was switched on, and the last request did not fail
  std::uint8_t people = 0;   // persons whose bytes may pass, however many links each has
  std::uint8_t standby = 0;  // of these: connected, and nothing to carry
  HelpedNow helped{};        // those who are not, with the countries that their matches said
  LimitVerdict limits{};     // whether somebody may come, by the volunteer's own wishes
  bool record_lost = false;  // what was kept could not be read
  std::string_view trouble;  // why nobody can be helped now: name(Refusal), "broker-silent"; empty: nothing is wrong
};

class BrowserProxy {
  static_assert(HelpedNow::kMost == ProxyEngine::kMaxSlots);

 public:
  using Post = RendezvousPosts::Send;  // then on_answered() or on_failed() under its number
  struct Cut {                         // the post is of no use any more: say nothing about it
    std::uint64_t post = 0;
  };
  struct MakeAnswer {  // then on_answer_made() or on_answer_failed()
    SlotRef at;
    wire::Sdp offer;
  };
  struct DialLeg {  // then on_leg_open() or on_leg_closed()
    SlotRef at;
    Private<std::string> url;
  };
  struct StartRelay {
    SlotRef at;
  };
  struct SendOnLink {  // a note for the client
    SlotRef at;
    Bytes message;
  };
  struct CloseLink {  // then on_link_closed(), also if there is none
    SlotRef at;
    PipeEnd why = PipeEnd::Local;
  };
  struct CloseLeg {  // then on_leg_closed(), also if there is none
    SlotRef at;
    PipeEnd why = PipeEnd::Local;
  };
  struct Keep {  // for restore() of the next one
    Bytes record;
  };
  using Command = std::variant<Post, Cut, MakeAnswer, DialLeg, StartRelay, SendOnLink, CloseLink, CloseLeg, Keep>;

  BrowserProxy(BrowserProxyConfig config, Rng& rng);

  // What was kept: before anything else, and again while nobody is here, where another one has carried meanwhile.
  void restore(Moment at, ByteView kept);
  // 0 to ProxyEngine::kMaxSlots, at any time; 0 lets those who are helped go politely.
  void set_people(Moment at, std::size_t most);
  void set_limits(Moment at, LimitSettings settings);
  // The switch: everything ends in this turn. set_people() starts again.
  void stop(Moment at);
  void on_answered(Moment at, std::uint64_t post, ByteView bytes);  // with status 200
  void on_failed(Moment at, std::uint64_t post);                    // without an answer, or with another status
  void on_answer_made(Moment at, SlotRef slot, wire::Sdp answer);
  void on_answer_failed(Moment at, SlotRef slot);
  void on_link_open(Moment at, SlotRef slot);
  void on_link_closed(Moment at, SlotRef slot, PipeEnd why);
  void on_leg_open(Moment at, SlotRef slot);
  void on_leg_closed(Moment at, SlotRef slot, PipeEnd why);
  // Bytes carried in this stay so far, from its client and to it.
  void on_carried(Moment at, SlotRef slot, std::uint64_t up, std::uint64_t down);
  void on_time(Moment at);
  void on_network_change(Moment at);
  // What the page has found out; until then it is unknown.
  void set_network(Moment at, PageNetwork network);

  std::optional<Command> poll();
  std::optional<TimePoint> deadline() const;
  const BrowserStatus& status() const { return status_; }
  const HelpingRecord& record() const { return limits_.record(); }

 private:
  struct Activity {  // of a stay that relays, or did until another began in its slot
    SlotRef at;
    SlotActivity seen;
    std::optional<PersonNumber> person;
    std::uint64_t up = 0;
    std::uint64_t down = 0;
  };
  void settle(Moment at);
  bool drain_engine(Moment at);
  bool drain_rendezvous(Moment at);
  bool drain_posts(Moment at);
  void carry_out(Moment at, ProxyEngine::Command& command);
  void carry_out(Moment at, ProxyRendezvous::Output& output);
  void make_answer(Moment at, ProxyEngine::MakeAnswer& make);
  void start_relay(Moment at, SlotRef slot);
  void await_decision(Moment at);
  void weigh(Moment at);
  void look(Moment at);

  Rng& rng_;
  crypto::SecretKey person_key_;
  bool allow_private_candidates_;
  ProxyEngine engine_;
  ProxyRendezvous rendezvous_;
  RendezvousPosts posts_;
  VolunteerLimits limits_;
  People people_;
  std::size_t wanted_people_ = 0;
  bool awaits_decision_ = false;  // of a person whose place is risky, since it was switched on
  std::array<std::vector<PersonMark>, ProxyEngine::kMaxSlots> marks_;  // of an offer, until it relays
  std::array<std::optional<Activity>, ProxyEngine::kMaxSlots> activities_;
  BrowserStatus status_;
  std::optional<TimePoint> look_at_;   // when somebody may have become standby, or is to be forgotten
  std::optional<TimePoint> weigh_at_;  // when the limits may say something else
  Ring<Command> out_;                  // drained after every call
};

}  // namespace footbridge::core
