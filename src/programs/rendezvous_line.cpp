#include "programs/rendezvous_line.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge {
namespace {

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
    case http::HttpErrc::NoTls: return false;
    default: return true;
  }
}

}  // namespace

// Forgets the request however its coroutine ends.
struct RendezvousLine::Entry {
  ~Entry() { all.erase(id); }
  std::map<std::uint64_t, Pending>& all;
  std::uint64_t id;
};

RendezvousLine::RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, Rng& rng,
                               OnAnswer on_answer)
    : executor_(executor),
      client_(executor, dialer, {kMaxRendezvousConnections, ways.trust}),
      ways_(std::move(ways.ways)),
      memory_(ways.memory),
      order_(ways_.size(), memory_ == nullptr ? std::vector<std::size_t>() : memory_->order_of(ways_), rng),
      on_answer_(std::move(on_answer)),
      scope_(executor, "rendezvous", io::TaskScope::kOthersGoOn) {}

void RendezvousLine::post(std::uint64_t id, Bytes body, Duration limit) {
  if (closing_) return;  // an answer that came with the end wants to be answered
  pending_.try_emplace(id, executor_);
  scope_.spawn(carry(id, std::move(body), limit));
}

void RendezvousLine::helped() {
  if (memory_ != nullptr && ways_.size() > 1) memory_->remember(ways_, order_.order());
}

void RendezvousLine::try_another() { order_.pass_over(answered_by_); }

void RendezvousLine::abandon(std::uint64_t id) {
  if (const auto found = pending_.find(id); found != pending_.end()) found->second.abandoned.notify();
}

void RendezvousLine::gave_up(std::uint64_t id) {
  const auto found = pending_.find(id);
  if (found != pending_.end() && found->second.way) order_.failed(io::now(), *found->second.way);
  abandon(id);
}

asio::awaitable<void> RendezvousLine::close() {
  closing_ = true;
  scope_.cancel();
  co_await scope_.join();
}

asio::awaitable<void> RendezvousLine::carry(std::uint64_t id, Bytes body, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  const Entry entry{pending_, id};
  auto& pending = pending_.at(id);
  auto outcome = co_await (exchange(pending, std::move(body), limit) || pending.abandoned.wait());
  if (outcome.index() == 1) co_return;
  auto& response = std::get<0>(outcome);
  if (response)
    on_answer_(id, std::move(*response));
  else
    on_answer_(id, response.error());
}

asio::awaitable<RendezvousLine::Answer> RendezvousLine::exchange(Pending& pending, Bytes body, Duration limit) {
  const auto deadline = io::now() + limit;
  for (std::size_t tried = 1;; ++tried) {
    const auto way = order_.choose(io::now());
    pending.way = way;
    // Content-Type text/plain: browsers send such a POST without asking first (no CORS preflight).
    auto response = co_await client_.post(ways_[way], body, "text/plain", deadline - io::now());
    if (response) {
      order_.worked(way);
      answered_by_ = way;
      co_return std::move(response->body);
    }
    order_.failed(io::now(), way);
    if (may_have_arrived(response.error()) || tried == ways_.size() || io::now() >= deadline)
      co_return response.error();
    observe::log(observe::Level::Info, "way-failed", observe::kv("why", response.error()));
  }
}

}  // namespace footbridge
