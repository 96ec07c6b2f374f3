#include "programs/client/tester.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "observe/log.hpp"
#include "programs/client/pin_choice.hpp"

namespace footbridge::client {

using PathState = ClientPath::State;
using wire::OutcomeKind;

wire::OutcomeKind verdict_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::LinkFailed: return OutcomeKind::LinkFailed;
    case Trouble::EgressSilent:
    case Trouble::WrongKey:  // who leads to somebody else leads nowhere
    case Trouble::PathLost:
    case Trouble::PathSilent: return OutcomeKind::DialFailed;
    case Trouble::BrokerRefused:
    case Trouble::BrokerSilent:
    case Trouble::BrokerExpired:
    case Trouble::BrokerNotYetValid:
    case Trouble::BrokerWrongName:
    case Trouble::BrokerUnproven:
    case Trouble::BrokerNoTls:
    case Trouble::BrokerStrange:
    case Trouble::BrokerVersion:
    case Trouble::BrokerBusy:
    case Trouble::NoVolunteer:
    case Trouble::OnlyOurselves:
    case Trouble::InviteNeeded:
    case Trouble::InviteOver:
    case Trouble::InviteRevoked:
    case Trouble::InviteUsedUp:
    case Trouble::UnknownEgress:
    case Trouble::EgressRefused:
    case Trouble::EgressLeaving:
    case Trouble::EgressVersion:
    case Trouble::SessionLost:
    case Trouble::UpstreamProxy: return OutcomeKind::Stopped;
  }
  FB_ASSERT(false);
}

Tester::Tester(asio::any_io_executor executor, Config config, Rng& rng, TroubleTeller& troubles)
    : executor_(executor),
      config_(std::move(config)),
      rng_(rng),
      troubles_(troubles),
      ask_timer_(executor, [this](TimePoint now) { ask(now); }),
      limit_timer_(executor, [this](TimePoint now) { look_at_limits(now); }),
      sweep_timer_(executor, [this](TimePoint now) {
        sweep();
        settle(now);
      }) {}

Tester::~Tester() = default;

void Tester::start(TimePoint now, Finder& finder, MakeLink make_link) {
  FB_ASSERT(phase_ == Phase::Resting);
  finder_ = &finder;
  make_link_ = std::move(make_link);
  phase_ = Phase::Running;
  settle(now);
}

void Tester::stop(TimePoint now) {
  const bool ran = std::exchange(phase_, Phase::Stopping) == Phase::Running;
  ask_timer_.arm(std::nullopt);
  limit_timer_.arm(std::nullopt);
  if (ran) finder_->cancel(now);
  for (auto& [key, test] : tests_) {
    test.path->leave(now, wire::ByeCode::SessionOver);
    if (test.session) test.session->end();
  }
  sweep_timer_.arm(TimePoint{});
}

std::size_t Tester::trying() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(tests_, [](const auto& entry) { return entry.second.match && !entry.second.judged; }));
}

Tester::Test* Tester::asking() {
  const auto found = std::ranges::find_if(tests_, [](const auto& entry) {
    return !entry.second.match && !entry.second.path->left() && entry.second.path->state() != PathState::Over;
  });
  return found == tests_.end() ? nullptr : &found->second;
}

// The drain law: whatever happened, there is an offer while there is room for a test, and the timers know.
void Tester::settle(TimePoint now) {
  if (phase_ != Phase::Running) return;
  const bool wants_one = asking() == nullptr && trying() < kMaxTrying && tests_.size() < kMaxTests;
  if (wants_one && now >= not_before_) {
    ClientPathEvents& events = *this;
    const auto key = core::PathKey{++last_key_};
    auto& test = tests_[key];
    test.path = std::make_unique<ClientPath>(executor_, key, rng_, events);
    test.until = now + core::kOfferLifetime;
    test.path->start(now, make_link_);
  }
  std::optional<TimePoint> next;
  if (wants_one && now < not_before_) next = not_before_;
  for (const auto& [key, test] : tests_)
    if (!test.path->left() && test.path->state() != PathState::Over) next = earlier(next, test.until);
  limit_timer_.arm(next);
}

void Tester::on_path_offer(TimePoint now, ClientPath& path) {
  tests_.at(path.key()).until = now + core::kOfferLifetime;
  ask_by(now);
  settle(now);
}

void Tester::ask_by(TimePoint at) {
  if (phase_ != Phase::Running) return;
  ask_at_ = earlier(ask_at_, std::max(at, asked_at_ + kAskGap));
  ask_timer_.arm(ask_at_);
}

// Also when there is only news: a search that is under way is replaced by one that says more.
void Tester::ask(TimePoint now) {
  ask_at_.reset();
  auto* test = asking();
  if (test == nullptr || test->path->state() != PathState::Offered) return;
  while (!verdicts_.empty() && (verdicts_.front().until <= now || verdicts_.size() > kMaxVerdicts))
    verdicts_.pop_front();
  core::ClientSearch search;
  search.sdps = {test->path->offer()};
  search.shard = shard_ = static_cast<std::uint16_t>(rng_.next_u64());
  for (const auto& verdict : verdicts_) search.outcomes.push_back(verdict.outcome);
  asked_at_ = now;
  asked_for_ = test->path->key();
  finder_->search(now, std::move(search));
}

void Tester::on_matches(TimePoint now, std::vector<wire::Match> matches) {
  troubles_.well(now);
  const auto asked = std::exchange(asked_for_, std::nullopt);
  auto* test = asking();
  if (phase_ != Phase::Running || test == nullptr || asked != test->path->key() ||
      test->path->state() != PathState::Offered)
    return;
  const auto& match = matches.front();  // one SDP was offered
  test->match = match.match;
  if (const auto pin = choose_pin(config_.pins, match.egress, /*listed=*/true)) {
    test->until = now + kTestLimit;
    test->path->accept(now, match, *pin, shard_);
  } else {
    troubles_.tell(now, Trouble::UnknownEgress);
    if (config_.on_unknown_egress) config_.on_unknown_egress(now);
    judge(now, *test, OutcomeKind::Stopped);
    test->path->leave(now, wire::ByeCode::PathOver);
  }
  settle(now);
}

// That nobody is there to be tested is how it should be.
void Tester::on_still_looking(TimePoint now, Trouble why) {
  if (why == Trouble::NoVolunteer || why == Trouble::OnlyOurselves) return ask_by(now + kAskAgain);
  if (why != Trouble::BrokerBusy) troubles_.tell(now, why);
}

void Tester::on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) {
  auto& test = tests_.at(path.key());
  ClientSessionEvents& events = *this;
  test.session = std::make_unique<ClientSession>(executor_, ok, path.egress(), path.shard(), rng_, events);
  path.attach(now, test.session->host());
  judge(now, test, OutcomeKind::Opened);
  const auto from = std::chrono::duration_cast<Millis>(kStayFrom).count();
  const auto to = std::chrono::duration_cast<Millis>(kStayTo).count();
  const auto stay = rng_.between(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
  test.until = now + Millis{static_cast<Millis::rep>(stay)};
  settle(now);
}

void Tester::judge(TimePoint now, Test& test, OutcomeKind what) {
  if (std::exchange(test.judged, true)) return;
  verdicts_.push_back({{*test.match, what}, now + kVerdictLasts});
  if (config_.on_verdict) config_.on_verdict(what);
  ask_by(now);
}

void Tester::look_at_limits(TimePoint now) {
  for (auto& [key, test] : tests_) {
    if (now < test.until || test.path->left() || test.path->state() == PathState::Over) continue;
    if (test.match && !test.judged)
      judge(now, test, test.path->state() == PathState::Linking ? OutcomeKind::LinkTimeout : OutcomeKind::DialFailed);
    test.path->leave(now, wire::ByeCode::SessionOver);
    if (test.session) test.session->end();
    withdraw(now, key);
  }
  settle(now);
}

// Its offer is worth nothing any more: nobody is to be matched with it.
void Tester::withdraw(TimePoint now, core::PathKey key) {
  if (asked_for_ != key) return;
  asked_for_.reset();
  if (phase_ == Phase::Running) finder_->cancel(now);
}

void Tester::on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) {
  auto& test = tests_.at(path.key());
  if (test.match && phase_ == Phase::Running) judge(now, test, verdict_of(outcome.trouble));
  if (!test.match) not_before_ = now + kAskAgain;  // without a network each would end at once
  withdraw(now, path.key());
  if (test.session) test.session->end();
  sweep_timer_.arm(TimePoint{});
}

void Tester::on_session_over(TimePoint, ClientSession&, core::EndReason) { sweep_timer_.arm(TimePoint{}); }

void Tester::sweep() {
  std::erase_if(tests_, [](const auto& entry) {
    const auto& test = entry.second;
    const bool session_lives = test.session && test.session->state() != ClientSession::State::Over;
    return test.path->state() == PathState::Over && !session_lives;
  });
  if (phase_ == Phase::Stopping && tests_.empty() && config_.on_stopped) config_.on_stopped();
}

}  // namespace footbridge::client
