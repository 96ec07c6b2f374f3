#include "programs/egress/reporter.hpp"

#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge::egress {

using core::Heartbeats;
using observe::kv;
using observe::Level;

Reporter::Reporter(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, Heartbeats::Config config,
                   Rng& rng, Parts parts)
    : parts_(std::move(parts)),
      heartbeats_(std::move(config), rng),
      line_(executor, dialer, std::move(ways), rng,
            [this](std::uint64_t id, RendezvousLine::Answer answer) { on_answer(id, std::move(answer)); }),
      timer_(executor, [this](TimePoint now) { on_timer(now); }) {}

void Reporter::begin_goodbye(TimePoint now) {
  goodbye_ = Goodbye::Wanted;
  heartbeats_.hurry(now);
  arm();
}

asio::awaitable<void> Reporter::close() {
  timer_.arm(std::nullopt);
  co_await line_.close();
}

void Reporter::on_timer(TimePoint now) {
  if (heartbeats_.told()) {
    heartbeats_.on_deadline(now);
    settle();
  } else if (now >= heartbeats_.deadline()) {
    auto receipts =
        heartbeats_.wants_receipts() ? parts_.receipts.take_due(now, parts_.broker) : std::vector<wire::Receipt>{};
    parts_.metrics.receipts_told.add(receipts.size());
    auto post = heartbeats_.beat(now, io::unix_now(), parts_.condition(), std::move(receipts));
    if (goodbye_ == Goodbye::Wanted) goodbye_ = Goodbye::Said;
    line_.post(post.id, std::move(post.body), Heartbeats::kAnswerLimit);
  }
  arm();
}

void Reporter::on_answer(std::uint64_t id, RendezvousLine::Answer answer) {
  if (!heartbeats_.told()) return;  // given up meanwhile
  const auto now = io::now();
  if (answer)
    heartbeats_.on_answer(now, id, *answer);
  else
    heartbeats_.on_failed(now, id);
  settle();
  arm();
}

// Each change is told once.
void Reporter::settle() {
  const auto echo = heartbeats_.echo();
  parts_.metrics.heartbeats[echo].add();
  if (goodbye_ == Goodbye::Said) {
    goodbye_ = Goodbye::Over;
    parts_.on_goodbye_over();
  }
  if (std::exchange(told_, echo) == echo) return;
  switch (echo) {
    case Heartbeats::Echo::None: return;
    case Heartbeats::Echo::Taken: return observe::log(Level::Notice, "broker-hears");
    case Heartbeats::Echo::Nobody:
      return observe::log(Level::Warn, "broker-does-not-hear",
                          kv("advice",
                             "no answer to a heartbeat, or from one that does not know this egress and its "
                             "leg key: clients stay away while it lasts"));
    case Heartbeats::Echo::WrongTime:
      return observe::log(Level::Warn, "clocks-disagree",
                          kv("advice", "the broker's clock is more than a minute away; let both keep time by NTP"));
  }
}

}  // namespace footbridge::egress
