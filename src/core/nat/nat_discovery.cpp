#include "core/nat/nat_discovery.hpp"

#include <algorithm>
#include <utility>

#include "core/nat/nat_evidence.hpp"

namespace footbridge::core {
namespace {

using wire::StunChange;

constexpr NatSocket kProbing = 0;
constexpr NatSocket kFiltering = 1;
constexpr NatSocket kMapping = 2;

}  // namespace

void NatDiscovery::start(TimePoint now) {
  FB_ASSERT(state_ == State::Idle);
  end_ = now + kNatDiscoveryLimit;
  if (terms_.servers.size() > kMaxNatAsked) terms_.servers.resize(kMaxNatAsked);
  report_.asked = !terms_.servers.empty();
  enter(now, State::Probing);
  move_on(now);
}

void NatDiscovery::ask(TimePoint now, NatSocket socket, const Endpoint& to, StunChange change,
                       const Endpoint& answerer) {
  questions_.emplace_back(now, socket, to, change, answerer, rng_);
}

void NatDiscovery::enter(TimePoint now, State next) {
  state_ = next;
  switch (next) {
    case State::Idle: break;
    case State::Probing: ask_more(now); break;
    case State::Filtering:
      ask(now, kFiltering, server_->first, StunChange::AddressAndPort, server_->second);
      ask(now, kFiltering, server_->first, StunChange::Port, server_->first_address_second_port());
      break;
    case State::Mapping:
      for (const auto& place : {server_->first, server_->second_address_first_port(), server_->second,
                                server_->first_address_second_port()})
        ask(now, kMapping, place, StunChange::None, place);
      // Where A2:P2 has just knocked in vain: some routers take such a knock for a connection of their own, and
      // whoever is asked from behind them afterwards sees another port.
      if (terms_.tests == NatTests::Full)
        for (const auto& place : {server_->first, server_->second})
          ask(now, kFiltering, place, StunChange::None, place);
      break;
    case State::Done: conclude(); break;
  }
}

void NatDiscovery::ask_more(TimePoint now) {
  const auto until = std::min(asked_ + kMaxNatServers, terms_.servers.size());
  for (; asked_ < until; ++asked_) {
    const auto& server = terms_.servers[asked_];
    ask(now, kProbing, server, StunChange::None, server);
  }
  next_servers_.reset();
  if (asked_ < terms_.servers.size()) next_servers_ = now + kNatNextServers;
}

void NatDiscovery::tell(const Endpoint& server, bool answers) {
  const ServerNews now{server, answers};
  const auto known = std::ranges::find(told_, server, &ServerNews::server);
  if (known != told_.end() && *known == now) return;
  if (known == told_.end())
    told_.push_back(now);
  else
    *known = now;
  news_.push_back(now);
}

void NatDiscovery::tell_silent() {
  for (const auto& question : questions_)
    if (question.socket() == kProbing && !question.answer()) tell(question.to(), false);
}

std::optional<NatDiscovery::ServerNews> NatDiscovery::poll_server() {
  if (news_.empty()) return std::nullopt;
  const auto out = news_.front();
  news_.pop_front();
  return out;
}

void NatDiscovery::on_datagram(TimePoint now, NatSocket socket, const Endpoint& from, ByteView datagram) {
  if (done()) return;
  const auto answer = wire::parse_stun_answer(datagram);
  if (!answer) return;
  for (auto& question : questions_) {
    if (!question.on_answer(socket, from, *answer)) continue;
    report_.heard = true;
    if (state_ == State::Probing && question.answer()) {
      next_servers_.reset();
      // Where the first ones were silent, silence weighs more than that these have had little time.
      if (asked_ > kMaxNatServers) tell_silent();
      tell(question.to(), true);
    }
    if (state_ == State::Probing && second_place(question) && !probe_until_) probe_until_ = now + kNatProbeGrace;
    break;
  }
  move_on(now);
}

void NatDiscovery::on_deadline(TimePoint now) {
  if (done()) return;
  for (auto& question : questions_) {
    question.on_deadline(now);
    if (question.silent() && question.socket() == kProbing) tell(question.to(), false);
  }
  if (state_ == State::Probing && next_servers_ && now >= *next_servers_) {
    tell_silent();
    ask_more(now);
  }
  if (now >= end_) return enter(now, State::Done);
  move_on(now);
}

void NatDiscovery::settle_with(const NatReport& known) {
  report_ = known;
  state_ = State::Done;
}

std::optional<NatDiscovery::Send> NatDiscovery::poll(TimePoint now) {
  if (state_ == State::Idle || done()) return std::nullopt;
  for (auto& question : questions_) {
    auto datagram = question.poll(now);
    if (!datagram) continue;
    ++sent_;
    FB_ASSERT(sent_ <= kMaxNatDatagrams);
    return Send{question.socket(), Private(question.to()), std::move(*datagram)};
  }
  return std::nullopt;
}

std::optional<TimePoint> NatDiscovery::deadline() const {
  if (state_ == State::Idle || done()) return std::nullopt;
  std::optional<TimePoint> out = end_;
  if (state_ == State::Probing) out = earlier(earlier(out, probe_until_), next_servers_);
  for (const auto& question : questions_) out = earlier(out, question.deadline());
  return out;
}

std::optional<Private<IpAddress>> NatDiscovery::outside() const {
  for (const auto& question : questions_)
    if (question.answer()) return Private(question.answer()->mapped->address);
  return std::nullopt;
}

// A server's other address is somewhere we are asked to send to, so it is judged like a candidate; and it must be
// another one in both parts, or the tests would not mean what they say.
std::optional<NatDiscovery::Server> NatDiscovery::second_place(const StunQuestion& question) const {
  if (!question.answer() || !question.answer()->other) return std::nullopt;
  const auto& answer = *question.answer();
  const Server out{question.to(), *answer.other};
  if (out.second.address == out.first.address || out.second.port == out.first.port) return std::nullopt;
  if (out.second.address.family() != out.first.address.family()) return std::nullopt;
  // It sees itself elsewhere than we see it: what it calls its other address is not ours to reach, either.
  if (answer.origin && *answer.origin != out.first) return std::nullopt;
  if (std::ranges::find(terms_.own, out.second.address) != terms_.own.end() && !terms_.may_name.allow_private)
    return std::nullopt;
  const auto verdict = wire::judge_endpoint(out.second, terms_.may_name);
  return verdict == wire::CandidateVerdict::Usable ? std::optional(out) : std::nullopt;
}

void NatDiscovery::choose_server() {
  for (const auto& question : questions_) {
    if (server_ || question.socket() != kProbing) break;
    server_ = second_place(question);
  }
}

// Two addresses have told who we are: without filtering there is no more to learn.
bool NatDiscovery::enough_probed() const {
  return terms_.tests == NatTests::MappingOnly && judge_mapping(questions_) != wire::NatBehaviour::Unknown;
}

bool NatDiscovery::round_over(TimePoint now) const {
  if (state_ == State::Probing && next_servers_) return false;
  if (state_ == State::Probing && ((probe_until_ && now >= *probe_until_) || enough_probed())) return true;
  return std::ranges::all_of(questions_, &StunQuestion::over);
}

void NatDiscovery::move_on(TimePoint now) {
  if (done() || !round_over(now)) return;
  switch (state_) {
    case State::Probing: {
      choose_server();
      const bool full = terms_.tests == NatTests::Full;
      // Who has not answered yet is asked no more.
      std::erase_if(questions_, [](const StunQuestion& question) { return !question.over(); });
      return enter(now, !server_ || enough_probed() ? State::Done : full ? State::Filtering : State::Mapping);
    }
    case State::Filtering: return enter(now, State::Mapping);
    case State::Idle:
    case State::Mapping:
    case State::Done: return enter(now, State::Done);
  }
}

void NatDiscovery::conclude() {
  report_.nat = {judge_mapping(questions_), judge_filtering(questions_)};
  if (const auto seen = outside())
    report_.translated = std::ranges::find(terms_.own, seen->reveal_to_socket()) == terms_.own.end();
}

}  // namespace footbridge::core
