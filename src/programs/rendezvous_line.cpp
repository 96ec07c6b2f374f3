#include "programs/rendezvous_line.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <numeric>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge {
namespace {

// A question for the directory that gave way so often ends: others may be asked, and each time it had all its time.
constexpr int kMostCuts = 3;

// Did the request, or a part of it, leave for a broker?
bool may_have_arrived(http::HttpErrc error) {
  switch (error) {
    case http::HttpErrc::Policy:
    case http::HttpErrc::Unresolved:
    case http::HttpErrc::Refused:
    case http::HttpErrc::Unreachable:
    case http::HttpErrc::CertExpired:
    case http::HttpErrc::CertNotYetValid:
    case http::HttpErrc::CertWrongName:
    case http::HttpErrc::CertUnknownIssuer:
    case http::HttpErrc::CertUnacceptable:
    case http::HttpErrc::CertWrongKey:
    case http::HttpErrc::NoTls:
    case http::HttpErrc::NoKey: return false;
    default: return true;
  }
}

// Holds while one asks.
class Asking {
 public:
  explicit Asking(bool& flag) : flag_(flag) { flag_ = true; }
  ~Asking() { flag_ = false; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  bool& flag_;
};

std::vector<std::size_t> as_they_stand(std::size_t ways) {
  std::vector<std::size_t> out(ways);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

http::Client::Options client_options(const BrokerWays& ways, core::AskerClock& clock) {
  http::Client::Options out{.max_connections = kMaxRendezvousConnections, .trust = ways.trust};
  if (ways.seals.empty()) return out;
  out.max_body_bytes = crypto::kMaxEnvelopeBytes;
  out.on_proven_date = [&clock](UnixSeconds date) { clock.heard(io::unix_now(), date); };
  return out;
}

}  // namespace

// Forgets the request however its coroutine ends.
struct RendezvousLine::Entry {
  ~Entry() {
    all.erase(id);
    room.notify();
  }
  std::map<std::uint64_t, Pending>& all;
  std::uint64_t id;
  io::Wakeup& room;
};

RendezvousLine::RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, Rng& rng,
                               OnAnswer on_answer)
    : executor_(executor),
      seals_(ways.seals, std::move(ways.proxy)),
      client_(executor, dialer, client_options(ways, seals_.clock())),
      ways_(std::move(ways.ways)),
      memory_(ways.memory),
      in_order_(ways.in_order),
      rng_(rng),
      on_answer_(std::move(on_answer)),
      needed_(executor),
      room_(executor),
      scope_(executor, "rendezvous", io::TaskScope::kOthersGoOn) {
  FB_ASSERT(!seals_.sealing() || seals_.size() == ways_.size());
  begin_order({});
  look_around();
}

void RendezvousLine::begin_order(const std::vector<std::size_t>& preferred) {
  using Order = core::WayOrder::Order;
  if (in_order_)
    order_.emplace(ways_.size(), as_they_stand(ways_.size()), rng_, Order::Given);
  else
    order_.emplace(ways_.size(), preferred, rng_, Order::Learned);
  ++numberings_;
}

void RendezvousLine::use(std::vector<http::Route> ways, std::vector<core::WaySeal> seals) {
  FB_ASSERT(seals_.sealing() ? seals.size() == ways.size() : seals.empty());
  std::vector<std::size_t> preferred;
  for (const auto old : order_->order())
    if (const auto at = std::ranges::find(ways, ways_[old]); at != ways.end())
      preferred.push_back(static_cast<std::size_t>(at - ways.begin()));
  if (answered_) {
    const auto at = std::ranges::find(ways, ways_[*answered_]);
    answered_ = at != ways.end() ? std::optional(static_cast<std::size_t>(at - ways.begin())) : std::nullopt;
  }
  ways_ = std::move(ways);
  seals_.replace(std::move(seals));
  begin_order(preferred);
  if (!answered_ && whereabouts_) order_->prefer(helpers());
}

std::vector<std::size_t> RendezvousLine::helpers() {
  return memory_->helpers(seals_.clock().corrected(io::unix_now()), *whereabouts_, ways_);
}

void RendezvousLine::on_network_change() {
  seals_.forget_tickets();
  answered_.reset();
  ++numberings_;  // what is under way fails for having been cut
  if (!remembers()) return order_->on_network_change();
  whereabouts_.reset();
  begin_order({});
  look_around();
}

// Before each request: the system may learn whom it is attached to by our first packets only, and need not tell of
// changes.
void RendezvousLine::look_around() {
  if (!remembers()) return;
  const auto here = memory_->here();
  if (!here || here == whereabouts_) return;
  if (whereabouts_) return on_network_change();
  whereabouts_ = here;
  if (!answered_) order_->prefer(helpers());  // else a way works here already
}

void RendezvousLine::post(std::uint64_t id, Bytes body, Duration limit) {
  if (closing_) return;  // an answer that came with the end wants to be answered
  pending_.try_emplace(id, executor_);
  if (asking_directory_ && in_use() >= kMaxRendezvousConnections) needed_.notify();
  scope_.spawn(carry(id, std::move(body), limit));
}

void RendezvousLine::helped() {
  if (!remembers() || !answered_ || !whereabouts_ || memory_->here() != whereabouts_) return;
  memory_->helped(seals_.clock().corrected(io::unix_now()), *whereabouts_, ways_, *answered_, order_->failing());
}

void RendezvousLine::try_another(std::uint64_t id) {
  const auto found = pending_.find(id);
  if (found == pending_.end() || !is_current(found->second)) return;
  const auto answered = *found->second.way;
  order_->pass_over(io::now(), answered);
  // A group's people would ask the same broker at its next address, while theirs wait elsewhere.
  if (!in_order_ || !seals_.sealing()) return;
  for (std::size_t way = 0; way < ways_.size(); ++way)
    if (way != answered && seals_.same_broker(way, answered)) order_->pass_over(io::now(), way);
}

void RendezvousLine::abandon(std::uint64_t id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  found->second.over = true;
  found->second.abandoned.notify();
}

std::size_t RendezvousLine::in_use() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(pending_, [](const auto& entry) { return !entry.second.over; }));
}

void RendezvousLine::gave_up(std::uint64_t id) {
  const auto found = pending_.find(id);
  if (found != pending_.end() && is_current(found->second)) order_->failed(io::now(), *found->second.way);
  abandon(id);
}

std::vector<std::size_t> RendezvousLine::order() {
  look_around();
  auto out = order_->order();
  const auto next = std::ranges::find(out, order_->choose(io::now()));
  std::rotate(out.begin(), next, next + 1);
  if (seals_.sealing())
    std::ranges::stable_partition(out, [this](std::size_t way) { return seals_.knows_broker(way); });
  return out;
}

asio::awaitable<void> RendezvousLine::close() {
  closing_ = true;
  scope_.cancel();
  co_await scope_.join();
}

asio::awaitable<void> RendezvousLine::carry(std::uint64_t id, Bytes body, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  const Entry entry{pending_, id, room_};
  auto& pending = pending_.at(id);
  auto outcome = co_await (exchange(pending, std::move(body), limit) || pending.abandoned.wait());
  if (outcome.index() == 1) co_return;
  auto& response = std::get<0>(outcome);
  pending.over = true;  // before: whoever hears of it may post the next one
  if (response)
    on_answer_(id, std::move(*response));
  else
    on_answer_(id, response.error());
}

asio::awaitable<RendezvousLine::Answer> RendezvousLine::exchange(Pending& pending, Bytes body, Duration limit) {
  using http::HttpErrc;
  const auto deadline = io::now() + limit;
  std::optional<HttpErrc> cause;  // what a person can do something about, rather than that the others have no key
  look_around();
  for (std::size_t tried = 1;; ++tried) {
    const auto way = order_->choose(io::now());
    pending.way = way;
    pending.numbering = numberings_;
    auto response = co_await ask(way, body, deadline);
    if (response) {
      if (is_current(pending)) {
        order_->worked(way);
        answered_ = way;
      }
      doubt_.on_understood();
      co_return response;
    }
    if (is_current(pending)) order_->failed(io::now(), way);
    if (response.error() == HttpErrc::NotTheirs && doubt_.on_strange(io::now())) tell_outdated();
    if (response.error() != HttpErrc::NoKey && !cause) cause = response.error();
    if (may_have_arrived(response.error())) co_return response;
    if (tried >= ways_.size() || io::now() >= deadline) {
      if (!cause) tell_outdated();
      co_return cause.value_or(HttpErrc::NoKey);
    }
    observe::log(observe::Level::Info, "way-failed", observe::kv("why", response.error()));
  }
}

asio::awaitable<RendezvousLine::Answer> RendezvousLine::ask(std::size_t way, Bytes body, TimePoint deadline) {
  const auto route = ways_[way];
  if (!seals_.sealing()) co_return co_await ask_plain(route, std::move(body), deadline);
  if (body.size() > core::kMaxSealedBodyBytes) co_return http::HttpErrc::TooLarge;
  for (;;) {
    auto sealed = seals_.seal(io::unix_now(), way, body, rng_);
    if (!sealed) co_return http::HttpErrc::NoKey;
    const bool resumed = sealed->resumed;
    auto answer = co_await ask_plain(route, std::move(sealed->bytes), deadline);
    const bool strange = !answer && answer.error() == http::HttpErrc::BadStatus;
    if (!answer && !strange) co_return answer;
    if (strange) {
      seals_.refused(*sealed);
    } else if (auto body_or = seals_.opened(io::unix_now(), std::move(*sealed), *answer)) {
      co_return std::move(*body_or);
    }
    if (!resumed) co_return http::HttpErrc::NotTheirs;
    if (way >= seals_.size() || ways_[way] != route)
      co_return http::HttpErrc::NotTheirs;  // another directory meanwhile
  }
}

asio::awaitable<RendezvousLine::Answer> RendezvousLine::ask_plain(http::Route way, Bytes body, TimePoint deadline) {
  // Content-Type text/plain: browsers send such a POST without asking first (no CORS preflight).
  auto response = co_await client_.post(std::move(way), std::move(body), "text/plain", deadline - io::now());
  if (!response) co_return response.error();
  co_return std::move(response->body);
}

asio::awaitable<RendezvousLine::Answer> RendezvousLine::ask_directory(std::size_t way, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  FB_ASSERT(!asking_directory_);
  if (way >= seals_.size())
    co_return http::HttpErrc::NoKey;  // of a directory that was replaced while others were asked
  // Of its own: another directory may come meanwhile.
  const auto route = ways_[way];
  const auto secret = seals_.envelope(way);
  for (int cuts = 0;;) {
    while (in_use() >= kMaxRendezvousConnections)
      if (!co_await room_.wait()) io::throw_if_aborted(asio::error::operation_aborted);
    const Asking asking(asking_directory_);
    auto question = seals_.directory_question(io::unix_now(), secret, rng_);
    auto outcome = co_await (ask_plain(route, std::move(question.bytes), io::now() + limit) || needed_.wait());
    if (outcome.index() == 1) {
      if (!std::get<1>(outcome)) io::throw_if_aborted(asio::error::operation_aborted);
      if (++cuts >= kMostCuts) co_return http::HttpErrc::TimedOut;
      continue;
    }
    auto& answer = std::get<0>(outcome);
    if (!answer) co_return answer;
    auto directory = core::open_directory_answer(secret, question.nonce, *answer);
    if (!directory) co_return http::HttpErrc::NotTheirs;
    co_return std::move(*directory);
  }
}

}  // namespace footbridge
