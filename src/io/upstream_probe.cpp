#include "io/upstream_probe.hpp"

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

#include "io/clock.hpp"
#include "io/socks_association.hpp"
#include "io/with_deadline.hpp"
#include "wire/stun.hpp"

namespace footbridge::io {
namespace {

struct Heard final : DetourEvents {
  void on_detour_open() override { open = true; }
  void on_detour_over() override { over = true; }
  void on_detour_datagram(const wire::Destination&, ByteView datagram) override {
    const auto header = wire::parse_stun_header(datagram);
    answered = answered || (header && header->kind == wire::StunKind::Success && header->transaction == asked);
  }

  wire::StunTransaction asked{};
  bool open = false;
  bool over = false;
  bool answered = false;
};

// Lets the association work until `flag` is set, it is over, or the deadline passes. False: this machine refuses.
asio::awaitable<bool> work_until(SocksAssociation& association, Heard& heard, bool& flag, TimePoint deadline) {
  // The wait needs a descriptor of its own: closing it must not close the association's.
  asio::posix::stream_descriptor ready(co_await asio::this_coro::executor);
  if (!heard.over) {
    const int copy = ::fcntl(association.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) co_return false;
    error_code error;
    ready.assign(copy, error);
    if (error) ::close(copy);
    if (error) co_return false;
  }
  const auto wait = [](asio::posix::stream_descriptor& on) -> asio::awaitable<void> {
    const auto [error] = co_await on.async_wait(asio::posix::stream_descriptor::wait_read, no_throw);
    throw_if_aborted(error);
  };
  while (!flag && !heard.over && now() < deadline)
    if (co_await with_deadline(deadline, wait(ready))) association.work();
  co_return true;
}

void ask(SocksAssociation& association, const std::vector<Private<wire::Destination>>& servers, const Heard& heard) {
  const auto question = wire::encode_stun_question(heard.asked);
  for (const auto& server : servers) association.send_run(server.reveal_to_socket(), question, question.size());
}

}  // namespace

asio::awaitable<Status<UpstreamErrc>> probe_upstream(Upstream upstream,
                                                     std::vector<Private<wire::Destination>> stun_servers, Rng& rng) {
  Heard heard;
  heard.asked = rng.array<wire::kStunTransactionBytes>();
  SocksAssociation association(std::move(upstream), std::nullopt);
  association.start(heard);
  if (!co_await work_until(association, heard, heard.open, now() + kUpstreamLimit)) co_return UpstreamErrc::Failed;
  if (heard.over) co_return *association.why();
  if (!heard.open) co_return UpstreamErrc::Silent;
  if (stun_servers.empty()) co_return Status<UpstreamErrc>();
  const auto give_up = now() + kProbeAnswerLimit;
  while (!heard.answered && !heard.over && now() < give_up) {
    ask(association, stun_servers, heard);
    const auto until = std::min(give_up, now() + kProbeRetry);
    if (!co_await work_until(association, heard, heard.answered, until)) co_return UpstreamErrc::Failed;
  }
  if (heard.over) co_return *association.why();
  if (!heard.answered) co_return UpstreamErrc::DatagramsLost;
  co_return Status<UpstreamErrc>();
}

}  // namespace footbridge::io
