#include "sim/stack/swarm.hpp"

#include <algorithm>

namespace footbridge::sim {

namespace {

// How long rendezvous and ICE take; and a client waits when nobody has room.
constexpr Millis kLeastSearch{150};
constexpr Millis kMostSearch{600};
// A broker that has not heard of a volunteer's death yet.
constexpr double kOfferedTheDead = 0.1;
constexpr std::size_t kMostPathsEach = 8;
// People: now and then something small, sometimes something large, up to so much at once.
constexpr Millis kMostThinking{2'400};
constexpr std::size_t kMostStreamsAtOnce = 4;
constexpr std::uint64_t kFreshEach = 3;  // requests that must be answered in the calm
constexpr Duration kBytesWithin = Seconds{300};

}  // namespace

Swarm::Swarm(std::uint64_t seed, const SwarmScale& scale, Trace& trace)
    : network_(Seed(seed), trace),
      scale_(scale),
      faults_(scale.calm ? SwarmFaults::none() : SwarmFaults(Seed(seed))),
      dice_(Seed(seed).child("swarm")),
      egress_(network_) {
  for (std::uint64_t i = 1; i <= scale.proxies; ++i) proxies_.push_back(std::make_unique<ProxyNode>(network_, i));
  customers_.resize(scale.clients);
  for (std::uint64_t i = 0; i < scale.clients; ++i) {
    auto& customer = customers_[i];
    customer.node = std::make_unique<ClientNode>(network_, i + 1);
    customer.node->when_session = [this, &customer](SessionAtEnd& session) {
      session.app().when_done = [this, &customer](TimePoint, core::StreamId, const Application::Stream& stream) {
        ++streams_;
        if (calm_ && stream.asked_at >= calm_since_) ++customer.fresh_done;
      };
      tend(customer);
    };
    customer.node->when_path_over = [this, &customer](PathAtEnd& path) {
      customer.proxy_of.erase(path.pipe_number());
      tend(customer);
    };
    customer.node->when_pipe_lost = [this, &customer](std::uint64_t pipe) {
      customer.proxy_of.erase(pipe);
      tend(customer);
    };
    customer.node->when_path_silence = [this, &customer](PathAtEnd&, bool) { tend(customer); };
    customer.node->when_session_ended = [this, &customer](core::EndReason) { tend(customer); };
    tend(customer);
    keep_asking(customer);
  }
  plan_deeds();
}

// Children before what they stand on.
Swarm::~Swarm() {
  customers_.clear();
  egress_.crash();
  proxies_.clear();
}

// As many paths as wanted; a session's first one is made alone.
void Swarm::tend(Customer& customer) {
  if (!customer.wants) return;
  const auto& node = *customer.node;
  const auto wanted = node.session() == nullptr ? 1 : scale_.target_paths;
  auto have = node.carrying() + node.opening() + customer.dialling;
  for (; have < wanted && node.path_count() + customer.dialling < kMostPathsEach; ++have) look_for(customer);
}

void Swarm::look_for(Customer& customer) {
  ++customer.dialling;
  network_.queue.after(dice_.duration(kLeastSearch, kMostSearch), [this, &customer] {
    --customer.dialling;
    if (customer.wants) dial(customer);
  });
}

std::optional<std::size_t> Swarm::choose_proxy(const Customer& customer) {
  std::vector<std::size_t> fresh, used, dead;
  for (std::size_t i = 0; i < proxies_.size(); ++i) {
    const bool mine = std::ranges::any_of(customer.proxy_of, [i](const auto& entry) { return entry.second == i; });
    if (proxies_[i]->has_room()) (mine ? used : fresh).push_back(i);
    if (!proxies_[i]->alive()) dead.push_back(i);
  }
  const auto& from = !dead.empty() && dice_.chance(kOfferedTheDead) ? dead : !fresh.empty() ? fresh : used;
  if (from.empty()) return std::nullopt;
  return from[dice_.index(from.size())];
}

void Swarm::dial(Customer& customer) {
  const auto chosen = choose_proxy(customer);
  if (!chosen) return look_for(customer);
  const auto& weather = calm_ ? SwarmFaults::none() : faults_;
  auto& proxy = *proxies_[*chosen];
  auto& link = network_.open_pipe(weather.link(dice_));
  const auto match = MatchId::random(dice_);
  const auto rtt = link.link_from(0).weather().delay + link.link_from(1).weather().delay;
  ++paths_;
  customer.proxy_of[link.number()] = *chosen;
  network_.trace.story(network_.now(), customer.node->name(), "dials",
                       {{"proxy", proxy.number()}, {"pipe", link.number()}, {"alive", proxy.alive() ? 1U : 0U}});
  if (proxy.alive()) {
    auto& leg = network_.open_pipe(weather.leg(dice_));
    links_.push_back(link.number());
    legs_.push_back(leg.number());
    egress_.accept(leg.side(1), match);
    proxy.carry(link.side(1), leg.side(0));
  } else {
    link.side(1).abandon();
  }
  customer.node->begin_path(link.side(0), match, rtt);
}

void Swarm::keep_asking(Customer& customer) {
  network_.queue.after(dice_.duration(Millis{0}, kMostThinking), [this, &customer] {
    if (!customer.wants) return;
    auto* const session = customer.node->session();
    const auto kind = dice_.below(10);
    const auto down = kind < 6 ? dice_.below(50'000) : dice_.below(600'000);
    const auto up = kind < 8 ? dice_.below(3'000) : dice_.below(400'000);
    if (session != nullptr && session->app().streams().size() < kMostStreamsAtOnce) {
      session->app().ask(network_.now(), up, down);
      session->touch();
    }
    keep_asking(customer);
  });
}

bool Swarm::run_phase(const std::function<bool()>& done, Duration most) {
  const auto stop = [&] { return broken_.has_value() || done(); };
  return network_.run_until(stop, network_.now() + most, [this] { check(); });
}

// Everybody has what he asked for lately, whenever he asked.
bool Swarm::all_content() const {
  return std::ranges::all_of(customers_, [this](const Customer& customer) {
    const auto* const session = static_cast<const ClientNode&>(*customer.node).session();
    if (session == nullptr || customer.fresh_done < kFreshEach) return false;
    return std::ranges::all_of(session->app().streams(),
                               [this](const auto& entry) { return entry.second.asked_at >= calm_since_; });
  });
}

bool Swarm::all_gone() const {
  if (network_.pipe_count() > 0 || egress_.path_count() > 0 || egress_.session_count() > 0) return false;
  return std::ranges::all_of(customers_,
                             [](const Customer& c) { return c.node->path_count() == 0 && c.dialling == 0; }) &&
         std::ranges::all_of(proxies_, [](const auto& proxy) { return proxy->stays() == 0; });
}

void Swarm::begin_calm() {
  calm_ = true;
  calm_since_ = network_.now();
  network_.trace.story(network_.now(), {"swarm", 0}, "calm");
  network_.for_each_pipe([&](Pipe& pipe) {
    if (!silenced_.contains(pipe.number())) pipe.cut(false);
    for (const std::size_t side : {0U, 1U}) {
      auto weather = pipe.link_from(side).weather();
      weather.loss = weather.duplicates = weather.reordered = 0;
      weather.bursts = {};
      weather.jitter = {};
      pipe.link_from(side).change(weather);
    }
  });
  for (const auto& proxy : proxies_) {
    if (!proxy->alive()) proxy->restart();
    if (proxy->frozen()) proxy->freeze(false);
  }
  for (auto& customer : customers_) {
    auto* const session = customer.node->session();
    if (session == nullptr) continue;
    session->app().stall_none(network_.now());
    session->touch();
  }
}

void Swarm::begin_leaving() {
  network_.trace.story(network_.now(), {"swarm", 0}, "leaving");
  for (auto& customer : customers_) {
    customer.wants = false;
    customer.node->leave();
  }
}

SwarmResult Swarm::run() {
  run_phase([] { return false; }, scale_.faulty);
  if (!broken_) begin_calm();
  if (!broken_ && !run_phase([this] { return all_content(); }, kLivenessWithin)) broken("liveness: " + discontent());
  const auto enough = [this] {
    return std::ranges::all_of(customers_, [this](const Customer& c) { return moved(c) >= scale_.bytes_each; });
  };
  if (!broken_ && !run_phase(enough, kBytesWithin)) broken("liveness: bytes do not move on");
  if (!broken_) begin_leaving();
  if (!broken_ && !run_phase([this] { return all_gone(); }, kGoneWithin)) broken("P6: " + left_behind());
  return result();
}

SwarmResult Swarm::result() const {
  SwarmResult out;
  out.hash = network_.trace.hash();
  out.events = network_.queue.happened();
  out.streams = streams_;
  out.paths = paths_;
  out.deeds = deeds_;
  for (const auto& customer : customers_) {
    out.bytes += moved(customer);
    out.sessions += customer.node->sessions_begun();
  }
  out.broken = broken_;
  return out;
}

}  // namespace footbridge::sim
