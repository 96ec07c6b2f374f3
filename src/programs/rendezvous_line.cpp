#include "programs/rendezvous_line.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

namespace footbridge {
namespace {

// Forgets the request however its coroutine ends.
struct Entry {
  ~Entry() { all.erase(id); }
  std::map<std::uint64_t, std::unique_ptr<io::Wakeup>>& all;
  std::uint64_t id;
};

}  // namespace

RendezvousLine::RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, OnAnswer on_answer)
    : executor_(executor),
      client_(executor, dialer, {kMaxRendezvousConnections, ways.trust}),
      ways_(std::move(ways.ways)),
      on_answer_(std::move(on_answer)),
      scope_(executor, "rendezvous", io::TaskScope::kOthersGoOn) {}

void RendezvousLine::post(std::uint64_t id, Bytes body, Duration limit) {
  if (closing_) return;  // an answer that came with the end wants to be answered
  abandoned_.emplace(id, std::make_unique<io::Wakeup>(executor_));
  scope_.spawn(carry(id, std::move(body), limit));
}

void RendezvousLine::abandon(std::uint64_t id) {
  if (const auto found = abandoned_.find(id); found != abandoned_.end()) found->second->notify();
}

asio::awaitable<void> RendezvousLine::close() {
  closing_ = true;
  scope_.cancel();
  co_await scope_.join();
}

asio::awaitable<void> RendezvousLine::carry(std::uint64_t id, Bytes body, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  const Entry entry{abandoned_, id};
  auto& abandoned = *abandoned_.at(id);
  // Content-Type text/plain: browsers send such a POST without asking first (no CORS preflight).
  auto outcome = co_await (client_.post(ways_.front(), std::move(body), "text/plain", limit) || abandoned.wait());
  if (outcome.index() == 1) co_return;
  auto& response = std::get<0>(outcome);
  if (response)
    on_answer_(id, std::move(response->body));
  else
    on_answer_(id, response.error());
}

}  // namespace footbridge
