#include "programs/directory_fetch.hpp"

#include <utility>

#include "io/clock.hpp"
#include "io/finally.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"

namespace footbridge {

using observe::kv;
using observe::Level;

namespace {

// Who has only what we have may be keeping back what is newer; that two do is what an operator's day looks like.
constexpr std::size_t kOpinions = 2;

}  // namespace

DirectoryFetch::DirectoryFetch(asio::any_io_executor executor, NetworkSource& source, RendezvousLine& line, Rng& rng,
                               std::function<void(TimePoint now)> on_view)
    : source_(source),
      line_(line),
      refresh_(rng),
      on_view_(std::move(on_view)),
      told_(source.state()),
      look_(executor),
      scope_(executor, "directory", io::TaskScope::kOthersGoOn) {}

void DirectoryFetch::start() {
  line_.use_clock(source_.of_brokers());
  line_.on_outdated([this] { wish(io::now()); });
  refresh_.on_kept(source_.validity());  // here: it forgets wishes, and the first may come before run() does
  scope_.spawn(run());
}

void DirectoryFetch::wish(TimePoint now) {
  refresh_.wish(now);
  look_.notify();
}

asio::awaitable<void> DirectoryFetch::close() {
  line_.on_outdated({});
  scope_.cancel();
  co_await scope_.join();
}

asio::awaitable<void> DirectoryFetch::run() {
  for (;;) {
    if (const auto state = source_.state(); std::exchange(told_, state) != state) {
      refresh_.on_kept(source_.validity());
      on_view_(io::now());
    }
    if (refresh_.due(io::now(), source_.clock())) {
      co_await ask();
      continue;
    }
    static_cast<void>(co_await io::with_deadline(refresh_.next(io::now(), source_.clock()), look_.wait()));
  }
}

asio::awaitable<void> DirectoryFetch::ask() {
  using Taken = core::DirectoryKeeper::Taken;
  refresh_.on_asked(io::now());
  std::string_view why = "nobody-to-ask";
  std::size_t same = 0;  // brokers that have what we have
  for (const auto way : line_.order()) {
    const auto answer = co_await line_.ask_directory(way, kDirectoryLimit);
    source_.use_clock(line_.clock());  // of whoever proved its name, whatever it answered
    if (!answer) {
      why = http::name(answer.error());
      continue;
    }
    const auto taken = source_.take(*answer);
    if (!taken) {
      why = core::name(taken.error());
      observe::log(Level::Warn, "directory-refused", kv("why", why));
      continue;
    }
    if (*taken == Taken::Known) {
      why = "nothing-newer";
      if (++same == kOpinions && source_.serves()) break;
      continue;
    }
    told_late_ = told_missing_ = false;
    observe::log(Level::Notice, "directory-taken");
    co_return;
  }
  if (same > 0 && source_.serves()) co_return refresh_.on_known(io::now());
  tell_missing(why);
  refresh_.on_failed(io::now(), source_.serves());
}

void DirectoryFetch::tell_missing(std::string_view why) {
  const bool serves = source_.serves();
  if (std::exchange(serves ? told_late_ : told_missing_, true)) return;
  if (serves)
    return observe::log(Level::Notice, "directory-late", kv("why", why),
                        kv("advice", "the one that is kept serves on; trying again"));
  observe::log(Level::Warn, "directory-missing", kv("why", why),
               kv("advice",
                  "nobody of this network answers with its directory; check this machine's network and clock; trying "
                  "again"));
}

namespace {

asio::awaitable<void> close_both(DirectoryFetch& fetch, RendezvousLine& line) {
  co_await fetch.close();
  co_await line.close();
}

}  // namespace

asio::awaitable<bool> first_directory(asio::any_io_executor executor, NetworkSource& source, io::Dialer& dialer,
                                      io::TlsClient& trust, Rng& rng) {
  if (source.serves()) co_return true;
  auto known = source.view().brokers;
  BrokerWays ways{
      .ways = std::move(known.ways), .trust = &trust, .seals = std::move(known.seals), .in_order = source.in_order()};
  RendezvousLine line(executor, dialer, std::move(ways), rng, [](std::uint64_t, const RendezvousLine::Answer&) {});
  io::Wakeup found(executor);
  DirectoryFetch fetch(executor, source, line, rng, [&found](TimePoint) { found.notify(); });
  fetch.start();
  const auto wait = [](io::Wakeup& until) -> asio::awaitable<void> { static_cast<void>(co_await until.wait()); };
  co_await io::finally(wait(found), close_both(fetch, line));
  co_return source.serves();
}

}  // namespace footbridge
