#include "programs/proxy/volunteer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/overloaded.hpp"
#include "core/limits/helped_now.hpp"
#include "core/limits/person_marks.hpp"
#include "crypto/leg_token.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "programs/link_setup.hpp"
#include "transport/udp/dial.hpp"
#include "transport/ws/handshake.hpp"

namespace footbridge::proxy {

using core::ProxyEngine;
using core::ProxyRendezvous;
using core::SlotRef;

namespace {

// After a leg over UDP did not open: for so long nobody else waits for the same. Networks change with the place.
constexpr Seconds kUdpPause{600};

// Forwarded ports beyond one for each slot: what rests while the socket of the link before is being closed.
constexpr std::size_t kSparePorts = 1;
static_assert(ProxyEngine::kMaxSlots + kSparePorts <= core::PortLeases::kMaxPorts);

}  // namespace

Volunteer::Volunteer(asio::any_io_executor executor, Parts parts, core::ProxyEngineConfig engine_config,
                     core::ProxyRendezvousConfig rendezvous_config, BrokerWays brokers)
    : executor_(executor),
      parts_(std::move(parts)),
      engine_(std::move(engine_config)),
      capabilities_(rendezvous_config.capabilities),
      rendezvous_(std::move(rendezvous_config), parts_.rng),
      line_(executor, parts_.broker_connector, std::move(brokers), parts_.rng,
            [this](std::uint64_t id, RendezvousLine::Answer answer) { on_rendezvous_answer(id, std::move(answer)); }),
      graveyard_(executor),
      timer_(executor,
             [this](TimePoint now) {
               if (const auto due = engine_.deadline(); due && *due <= now) engine_.on_deadline(now);
               if (const auto due = rendezvous_.deadline(); due && *due <= now) rendezvous_.on_deadline(now);
               settle();
             }),
      pace_timer_(executor, [this](TimePoint now) { let_go(now); }),
      activity_timer_(executor, [this](TimePoint now) { look_at_activity(now); }),
      person_key_(crypto::SecretKey::random(parts_.rng)),
      quiet_(executor) {
  for (auto& scope : dials_)
    scope = std::make_unique<io::TaskScope>(executor, io::ScopeName("dial"), io::TaskScope::kOthersGoOn);
}

void Volunteer::set_slots(std::size_t count, Duration grace) {
  if (closing_) return;  // a reload or an admin command must not open again what is being left
  engine_.set_slots(io::now(), count, grace);
  if (parts_.ports != nullptr && count > 0) {
    parts_.ports->set_ports(count + kSparePorts);
    on_ports_changed();
  }
  settle();
}

void Volunteer::end_all() {
  engine_.stop(io::now());
  settle();
}

void Volunteer::use(core::RelayAllowList relays, NetworkWays brokers) {
  engine_.set_relays(std::move(relays));
  if (!brokers.ways.empty()) line_.use(std::move(brokers.ways), std::move(brokers.seals));
}

// The next poll tells it.
void Volunteer::on_ports_changed() {
  const auto held = parts_.ports->held();
  parts_.metrics.ports_mapped.set(static_cast<std::int64_t>(held));
  rendezvous_.set_port_mapped(held >= engine_.slots());
}

void Volunteer::set_max_rate(std::optional<std::uint64_t> bytes_per_second) {
  limits_.to_legs.set_bytes_per_second(bytes_per_second);
  limits_.to_links.set_bytes_per_second(bytes_per_second);
  let_go(io::now());
}

asio::awaitable<void> Volunteer::close(Duration grace) {
  set_slots(0);
  closing_ = true;
  io::DeadlineTimer end_of_grace(executor_, [this](TimePoint now) {
    engine_.stop(now);
    settle();
  });
  end_of_grace.arm(io::now() + grace);
  while (engine_.busy() > 0)
    if (!co_await quiet_.wait()) break;
  for (auto& scope : dials_) {
    scope->cancel();
    co_await scope->join();
  }
  co_await line_.close();
}

void Volunteer::on_answer_made(TimePoint now, SlotRef at, wire::Sdp answer) {
  engine_.on_answer_made(now, at, std::move(answer));
  settle();
}

void Volunteer::on_link_open(TimePoint now, SlotRef at) {
  if (const auto* stay = find(at)) parts_.metrics.link_opened(stay->link_kind(), now - stay->since);
  engine_.on_link_open(now, at);
  settle();
}

void Volunteer::on_link_closed(TimePoint now, SlotRef at, PipeEnd end) {
  observe::log(observe::Level::Info, "link-closed", observe::kv("why", end));
  engine_.on_link_closed(now, at, end);
  settle();
}

void Volunteer::on_leg_open(TimePoint now, SlotRef at) {
  engine_.on_leg_open(now, at);
  settle();
}

void Volunteer::on_leg_closed(TimePoint now, SlotRef at, PipeEnd end) {
  observe::log(observe::Level::Info, "leg-closed", observe::kv("why", end));
  engine_.on_leg_closed(now, at, end);
  settle();
}

void Volunteer::on_network_change(TimePoint now) {
  line_.on_network_change();  // first: what wakes asks at once
  rendezvous_.wake(now);
  settle();
}

void Volunteer::set_nat(TimePoint now, wire::Nat nat) {
  rendezvous_.set_nat(now, nat);
  settle();
}

void Volunteer::on_carried(TimePoint now) {
  look_at_activity(now);
  if (parts_.limits != nullptr) parts_.limits->on_carried();
  pace_timer_.arm(earlier(limits_.to_legs.deadline(), limits_.to_links.deadline()));
}

void Volunteer::let_go(TimePoint now) {
  limits_.to_legs.on_time(now);
  limits_.to_links.on_time(now);
  for (auto& stay : stays_)
    if (stay) stay->look_drained();
  on_carried(now);
}

void Volunteer::on_rendezvous_answer(std::uint64_t id, RendezvousLine::Answer answer) {
  const auto now = io::now();
  if (answer) {
    if (std::exchange(broker_silent_, false)) observe::log(observe::Level::Notice, "broker-back");
    rendezvous_.on_response(now, id, *answer);
  } else {
    on_broker_silent(answer.error());
    rendezvous_.on_failed(now, id, answer.error() == http::HttpErrc::NotTheirs);
  }
  settle();
}

void Volunteer::on_broker_silent(http::HttpErrc why) {
  if (!std::exchange(broker_silent_, true))
    observe::log(observe::Level::Warn, "broker-silent", observe::kv("why", why));
}

void Volunteer::settle() {
  if (std::exchange(settling_, true)) return;  // a command's own consequence: the loop below picks it up
  const auto now = io::now();
  while (drain_engine(now) || drain_rendezvous(now)) {
  }
  bury_free_slots();
  look_at_activity(now);
  timer_.arm(earlier(engine_.deadline(), rendezvous_.deadline()));
  settling_ = false;
  if (closing_ && engine_.busy() == 0) quiet_.notify();
}

bool Volunteer::drain_engine(TimePoint now) {
  bool any = false;
  while (auto command = engine_.poll()) {
    carry_out(now, *command);
    any = true;
  }
  return any;
}

bool Volunteer::drain_rendezvous(TimePoint now) {
  bool any = false;
  for (auto output = rendezvous_.poll(); output; output = rendezvous_.poll(), any = true) carry_out(now, *output);
  return any;
}

void Volunteer::carry_out(TimePoint now, ProxyEngine::Command& command) {
  std::visit(Overloaded{
                 [&](ProxyEngine::MakeAnswer& make) {
                   bury(std::move(stays_[make.at.slot]));
                   auto marks = core::person_marks(make.offer, person_key_);
                   const auto best = best_link(capabilities_ & make.client_capabilities);
                   auto& stay = stays_[make.at.slot];
                   const auto port = parts_.ports != nullptr ? parts_.ports->take() : std::nullopt;
                   stay = std::make_unique<Stay>(executor_, make.at, parts_.engine, best, std::move(make.offer), port,
                                                 limits_, static_cast<StayEvents&>(*this));
                   stay->marks = std::move(marks);
                   stay->since = now;
                 },
                 [&](ProxyEngine::SendAnswer& send) { rendezvous_.answer(now, send.match, std::move(send.sdp)); },
                 [&](ProxyEngine::SendFailure& send) {
                   if (send.why == wire::AnswerFailure::RelayRefused && parts_.on_unknown_relay)
                     parts_.on_unknown_relay(now);
                   rendezvous_.fail(now, send.match, send.why);
                 },
                 [&](ProxyEngine::Report& report) {
                   observe::log(observe::Level::Info, "match-outcome", observe::kv("what", report.kind));
                   rendezvous_.report(now, report.match, report.kind);
                 },
                 [&](ProxyEngine::DialLeg& leg) {
                   dials_[leg.at.slot]->spawn(dial(leg.at, std::move(leg.url), leg.udp_port, leg.tls_pin));
                 },
                 [&](ProxyEngine::StartRelay& start) {
                   idle_.reset();
                   start_relay(now, start.at);
                 },
                 [&](const ProxyEngine::TellLeaving& tell) {
                   if (auto* stay = find(tell.at)) stay->tell_leaving(tell.match, parts_.rng);
                 },
                 [&](ProxyEngine::CloseLink& close) {
                   auto* stay = find(close.at);
                   if (stay == nullptr || !stay->close_link(close.why))
                     engine_.on_link_closed(now, close.at, close.why);
                 },
                 [&](ProxyEngine::CloseLeg& close) {
                   dials_[close.at.slot]->cancel();
                   auto* stay = find(close.at);
                   if (stay == nullptr || !stay->close_leg(close.why)) engine_.on_leg_closed(now, close.at, close.why);
                 },
                 [&](ProxyEngine::FreeSlots& free) { rendezvous_.set_free_slots(now, free.count, free.serves); },
             },
             command);
}

void Volunteer::carry_out(TimePoint now, ProxyRendezvous::Output& output) {
  std::visit(Overloaded{
                 [&](ProxyRendezvous::Post& post) {
                   line_.post(post.id, std::move(post.body), core::RequestChannel::kResponseTimeout);
                 },
                 [&](ProxyRendezvous::Abandon& gone) { gone.silent ? line_.gave_up(gone.id) : line_.abandon(gone.id); },
                 [&](ProxyRendezvous::Assigned& assigned) { engine_.on_assigned(now, assigned.assignment); },
                 [&](ProxyRendezvous::Withdrawn& withdrawn) { engine_.on_withdrawn(now, withdrawn.match); },
                 [&](ProxyRendezvous::Waiting& waiting) {
                   if (waiting.silent) on_broker_silent(http::HttpErrc::TimedOut);
                   tell_refusal(waiting.why);
                   if (waiting.strange) line_.try_another(waiting.id);  // no broker: a page of who stands in the way
                   observe::log(observe::Level::Info, "rendezvous-waits", observe::kv("why", waiting.why),
                                observe::kv("again_in", waiting.retry_at - now));
                 },
             },
             output);
}

void Volunteer::tell_refusal(wire::Refusal why) {
  if (const auto idle = idle_why(why)) {
    parts_.metrics.idle[*idle].add();
    if (std::exchange(idle_, idle) != idle)
      observe::log(observe::Level::Warn, "idle", observe::kv("why", *idle), observe::kv("advice", advice(*idle)));
  }
  const auto remedy = refusal_advice(why);
  if (std::exchange(told_refusal_, why) == why || remedy.empty()) return;
  if (why == wire::Refusal::Version)
    observe::log(observe::Level::Warn, "update-needed", observe::kv("advice", remedy));
  else if (why == wire::Refusal::RiskyPlace)
    observe::log(observe::Level::Warn, "risky-place", observe::kv("advice", remedy));
  else
    observe::log(observe::Level::Warn, "invite-refused", observe::kv("why", why), observe::kv("advice", remedy));
}

void Volunteer::bury_free_slots() {
  for (std::size_t slot = 0; slot < stays_.size(); ++slot) {
    if (!stays_[slot] || engine_.state(slot) != ProxyEngine::State::Free) continue;
    if (const auto* relay = stays_[slot]->relay()) {
      parts_.metrics.add(*relay);
      carried_before_.add(*relay);
    }
    bury(std::move(stays_[slot]));
  }
}

// The port rests before another link gets it: by then the old one's socket is closed.
void Volunteer::bury(std::unique_ptr<Stay> stay) {
  if (stay != nullptr && stay->person) people_.left(io::now(), *stay->person);
  if (stay != nullptr && stay->mapped_port() && parts_.ports != nullptr) parts_.ports->give_back(*stay->mapped_port());
  graveyard_.bury(std::move(stay));
}

void Volunteer::start_relay(TimePoint now, SlotRef at) {
  auto* stay = find(at);
  if (stay == nullptr) return;
  const auto [person, is_new] = people_.arrived(now, std::exchange(stay->marks, {}));
  stay->person = person;
  stay->start_relay();
  if (!is_new) return;
  parts_.metrics.clients_helped.add();
  if (parts_.limits != nullptr) parts_.limits->on_helped();
}

// Who is connected and who is helped: a person who lends a connection is told the difference.
void Volunteer::look_at_activity(TimePoint now) {
  core::HelpedNow helped;
  std::optional<TimePoint> next;
  for (const auto& stay : stays_) {
    if (!stay || !stay->person) continue;
    if (engine_.state(stay->at().slot) != ProxyEngine::State::Relaying) {
      people_.left(now, *std::exchange(stay->person, std::nullopt));
    } else if (stay->activity()->helping(now)) {
      next = earlier(next, stay->activity()->helping_until());
      helped.add(*stay->person, engine_.country(stay->at().slot));
    }
  }
  people_.forget(now);
  parts_.metrics.clients.set(static_cast<std::int64_t>(people_.here()));
  const auto standby = people_.here() - helped.people();
  activity_timer_.arm(earlier(next, people_.deadline()));
  if (std::exchange(standby_, standby) == standby) return;
  parts_.metrics.standby.set(static_cast<std::int64_t>(standby));
  observe::log(observe::Level::Info, "helping", observe::kv("clients", helped.people()),
               observe::kv("standby", standby));
}

Volunteer::Carried Volunteer::carried() const {
  auto out = carried_before_;
  for (const auto& stay : stays_)
    if (stay && stay->relay() != nullptr) out.add(*stay->relay());
  return out;
}

Stay* Volunteer::find(SlotRef at) {
  auto* stay = stays_[at.slot].get();
  return stay != nullptr && stay->at() == at ? stay : nullptr;
}

asio::awaitable<void> Volunteer::dial(SlotRef at, Private<std::string> url, std::uint16_t udp_port,
                                      std::optional<wire::SpkiSha256> tls_pin) {
  const auto began = io::now();
  const auto parsed = wire::parse_url(url.reveal_to_socket());
  if (!parsed) {
    on_leg_closed(io::now(), at, PipeEnd::Setup);
    co_return;
  }
  if (udp_port != 0) {
    auto leg = co_await dial_udp(at, *parsed, udp_port);
    if (leg) {
      if (auto* stay = find(at)) stay->take_leg(std::move(leg), /*can_pause=*/false);
      co_return;
    }
  }
  auto leg = co_await ws::dial(parts_.leg_connector, *parsed, parts_.rng,
                               ProxyEngine::kDialTimeout - (io::now() - began), &parts_.leg_trust, tls_pin);
  if (!leg) {
    observe::log(observe::Level::Info, "dial-failed", observe::kv("why", leg.error()));
    on_leg_closed(io::now(), at, PipeEnd::Setup);
    co_return;
  }
  // No stay: the client left meanwhile, and the leg goes with it.
  if (auto* stay = find(at)) stay->take_leg(std::move(*leg), /*can_pause=*/true);
}

// A leg of datagrams carries what fits into one, so only a link whose messages all do gets one. Null: no such leg.
asio::awaitable<std::unique_ptr<io::RelayLeg>> Volunteer::dial_udp(SlotRef at, wire::Url url, std::uint16_t port) {
  const auto* stay = find(at);
  const bool fits = stay != nullptr && stay->link_message_bytes() <= core::kMaxUdpMessageBytes;
  if (!parts_.udp_legs || !fits || (udp_again_at_ && io::now() < *udp_again_at_)) co_return nullptr;
  const auto& target = url.target.reveal_to_socket();
  auto token = crypto::parse_leg_token_segment(std::string_view(target).substr(target.rfind('/') + 1));
  if (!token) co_return nullptr;
  auto leg = co_await udp::dial(parts_.leg_connector, url.host, port, Private<Bytes>(std::move(*token)), parts_.rng);
  if (leg) {
    parts_.metrics.udp_legs.add();
    udp_again_at_.reset();
    co_return std::move(*leg);
  }
  parts_.metrics.udp_legs_failed.add();
  udp_again_at_ = io::now() + kUdpPause;
  observe::log(observe::Level::Info, "udp-leg-failed", observe::kv("why", leg.error()));
  co_return nullptr;
}

}  // namespace footbridge::proxy
