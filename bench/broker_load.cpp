// Clients and volunteers of a broker, without what a match is for: offers and polls over kept-alive HTTP, as many as
// the broker answers. Every reply is parsed, and an offer counts when it came back with the answer of its volunteer.
//   broker_load PORT CLIENTS PROXIES [NETWORK [OFFERS_PER_SECOND]]
// With the folder of a network, one that asks nobody for an invite, requests are sealed for its broker: volunteers
// resume, and each offer is a handshake, as of a client that asks once.
// Each client has one connection and always an offer on it, or all together make as many as are asked for, at even
// times; each volunteer polls with three free slots on one connection, and on another says what it answered and what
// became of it, as spec 01 wants. Without clients the polls just wait. A line on standard input is answered with
// "MATCHES REQUESTS P99", the first two since the start, and the milliseconds within which 99 of 100 offers were
// answered since the line before.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "console.hpp"
#include "core/sealing/sealed_ways.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "programs/network_files.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::bench {
namespace {

constexpr std::size_t kSdpBytes = 700;         // what a client with two candidates writes
constexpr std::size_t kReadBytes = 96U << 10;  // more than any reply of a broker to us
constexpr Millis kHold{20'000};                // nobody waits that long under load
constexpr std::string_view kHeadEnd = "\r\n\r\n";

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "broker_load: %s\n", why.c_str());
  std::exit(1);
}

struct Counts {
  std::uint64_t matches = 0;
  std::uint64_t requests = 0;
  std::vector<double> waits_ms;  // of offers, since they were last asked for
};

double take_p99(std::vector<double>& waits) {
  auto all = std::exchange(waits, {});
  if (all.empty()) return 0;
  const auto at = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 99 / 100);
  std::ranges::nth_element(all, at);
  return *at;
}

// One kept-alive connection to the broker.
class Line {
 public:
  // `ways`: null where bodies are plain; outlives the line.
  Line(asio::any_io_executor executor, std::uint16_t port, Counts& counts, core::SealedWays* ways, Rng& rng)
      : port_(port), socket_(executor), counts_(counts), ways_(ways), rng_(rng) {}

  // The reply to a request, whole. Anything but a reply with a body ends the program.
  asio::awaitable<wire::Response> ask(ByteView message) {
    ++counts_.requests;
    if (!socket_.is_open()) {
      socket_.connect({asio::ip::address_v4::loopback(), port_});
      socket_.set_option(asio::ip::tcp::no_delay(true));
    }
    auto sealed = ways_ == nullptr ? std::nullopt : std::optional(seal(message));
    const auto body = sealed ? ByteView(sealed->bytes) : message;
    const auto head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n";
    const std::array<asio::const_buffer, 2> request{asio::buffer(head), asio::buffer(body.data(), body.size())};
    co_await asio::async_write(socket_, request, asio::use_awaitable);
    std::size_t have = 0;
    std::size_t whole = kReadBytes;  // until the head says
    while (have < whole) {
      have +=
          co_await socket_.async_read_some(asio::buffer(space_.get() + have, kReadBytes - have), asio::use_awaitable);
      if (whole == kReadBytes) whole = reply_bytes({space_.get(), have}).value_or(whole);
    }
    const auto response = std::string_view(space_.get(), have);
    const auto answer = as_bytes(response.substr(response.find(kHeadEnd) + kHeadEnd.size()));
    auto parsed = wire::parse_response(sealed ? ByteView(open(std::move(*sealed), answer)) : answer);
    if (!parsed) fail("a reply that cannot be read");
    if (parsed->refusal != wire::Refusal::None) fail("refused: " + std::string(name(parsed->refusal)));
    co_return std::move(*parsed);
  }

 private:
  core::SealedWays::Sealed seal(ByteView message) {
    auto sealed = ways_->seal(io::unix_now(), 0, message, rng_);
    if (!sealed) fail("no key of the broker holds");
    return std::move(*sealed);
  }
  Bytes open(core::SealedWays::Sealed sealed, ByteView answer) {
    auto opened = ways_->opened(io::unix_now(), std::move(sealed), answer);
    if (!opened) fail("a reply that does not open");
    return std::move(*opened);
  }
  // Length of the reply with its head; nullopt: the head is not there yet.
  static std::optional<std::size_t> reply_bytes(std::string_view text) {
    constexpr std::string_view kLength = "Content-Length: ";
    const auto head = text.find(kHeadEnd);
    if (head == std::string_view::npos) return std::nullopt;
    const auto at = text.find(kLength);
    if (!text.starts_with("HTTP/1.1 200") || at > head) fail("not a reply of a broker");
    std::size_t body = 0;
    std::from_chars(text.data() + at + kLength.size(), text.data() + head, body);
    return head + kHeadEnd.size() + body;
  }

  std::uint16_t port_;
  asio::ip::tcp::socket socket_;
  Counts& counts_;
  core::SealedWays* ways_;
  Rng& rng_;
  // Not written to, so that thousands who wait cost the machine nothing.
  std::unique_ptr<char[]> space_ = std::make_unique_for_overwrite<char[]>(kReadBytes);
};

// `pace`: between two offers of this client at least; zero: the next at once.
asio::awaitable<void> be_client(Line& line, core::SealedWays* ways, Rng& rng, Counts& counts, Duration pace) {
  wire::Offer offer;
  offer.self_tag = SelfTag::random(rng);
  offer.sdps.emplace_back(std::string(kSdpBytes, 'o'));
  offer.wait = kHold;
  const auto body = wire::encode_request({.body = std::move(offer)}, rng);
  asio::steady_timer next(co_await asio::this_coro::executor, asio::steady_timer::clock_type::now());
  // Not all at the same moment.
  const auto pause = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(pace).count());
  next.expires_at(next.expiry() + std::chrono::microseconds(static_cast<std::int64_t>(rng.between(0, pause))));
  for (;;) {
    if (pace > Duration{0}) co_await next.async_wait(asio::use_awaitable);
    next.expires_at(next.expiry() + pace);
    if (ways != nullptr) ways->forget_tickets();
    const auto began = io::now();
    const auto reply = co_await line.ask(body);
    const auto* matched = std::get_if<wire::OfferReply>(&reply.body);
    if (matched == nullptr || matched->matches.size() != 1) fail("an offer came back without a match");
    if (matched->matches[0].sdp.reveal_to_socket().size() != kSdpBytes) fail("an answer is not the volunteer's");
    ++counts.matches;
    counts.waits_ms.push_back(std::chrono::duration<double, std::milli>(io::now() - began).count());
  }
}

asio::awaitable<void> be_volunteer(Line& polls, Line& errands, Rng& rng) {
  wire::Poll poll;
  poll.proxy = ProxyId::random(rng);
  poll.self_tag = SelfTag::random(rng);
  poll.compartments = {wire::kCommonCompartment};
  poll.form = wire::ProxyForm::Daemon;
  poll.wait = kHold;
  auto errand = poll;
  poll.slots = wire::kMaxAssignments;
  const auto body = wire::encode_request({.body = std::move(poll)}, rng);
  bool proven = false;
  for (;;) {
    const auto reply = co_await polls.ask(body);
    const auto* given = std::get_if<wire::PollReply>(&reply.body);
    if (given == nullptr) fail("a poll came back with something else");
    errand.answers.clear();
    for (const auto& assignment : given->assignments)
      errand.answers.push_back({assignment.match, wire::Sdp(std::string(kSdpBytes, 'a'))});
    if (errand.answers.empty() && errand.outcomes.empty()) continue;  // nobody came, nothing to say
    co_await errands.ask(wire::encode_request({.body = errand}, rng));
    // What has been answered now is reported as open with the next errand.
    errand.outcomes.clear();
    for (const auto& assignment : given->assignments)
      errand.outcomes.push_back({assignment.match, wire::OutcomeKind::Opened});
    if (proven || errand.outcomes.empty()) continue;
    // A volunteer that the broker does not know gets nobody else before its first client was carried.
    errand.answers.clear();
    co_await errands.ask(wire::encode_request({.body = errand}, rng));
    errand.outcomes.clear();
    proven = true;
  }
}

asio::awaitable<void> report(asio::any_io_executor executor, Counts& counts) {
  Console console(executor);
  while (co_await console.next_line())
    Console::answer(std::to_string(counts.matches) + " " + std::to_string(counts.requests) + " " +
                    std::to_string(take_p99(counts.waits_ms)));
  std::exit(0);
}

// The seals of one asker after the other; none without a network.
class Seals {
 public:
  explicit Seals(const char* network) {
    if (network != nullptr) files_ = read_network_files("broker_load", {network});
  }
  core::SealedWays* next(std::optional<crypto::X25519KeyPair> proxy) {
    if (!files_) return nullptr;
    return &all_.emplace_back(std::vector<core::WaySeal>{{files_->obfuscation, files_->directory.brokers.front().keys}},
                              std::move(proxy));
  }

 private:
  std::optional<NetworkFiles> files_;
  std::deque<core::SealedWays> all_;
};

void run(std::uint16_t port, std::size_t clients, std::size_t proxies, const char* network,
         std::size_t offers_per_second) {
  asio::io_context context{1};
  crypto::SystemRng rng;
  Counts counts;
  std::deque<Line> lines;
  const auto spawn = [&](asio::awaitable<void> task) {
    asio::co_spawn(context, std::move(task), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  };
  const auto line = [&](core::SealedWays* ways) -> Line& {
    return lines.emplace_back(context.get_executor(), port, counts, ways, rng);
  };
  Seals seals(network);
  Duration pace{0};
  if (offers_per_second > 0)
    pace = Duration(Seconds{1}) * static_cast<std::int64_t>(clients) / static_cast<std::int64_t>(offers_per_second);
  for (std::size_t i = 0; i < clients; ++i) {
    auto* const ways = seals.next(std::nullopt);
    spawn(be_client(line(ways), ways, rng, counts, pace));
  }
  for (std::size_t i = 0; i < proxies; ++i) {
    auto* const ways = seals.next(crypto::X25519KeyPair::random(rng));
    spawn(be_volunteer(line(ways), line(ways), rng));
  }
  spawn(report(context.get_executor(), counts));
  context.run();
}

}  // namespace
}  // namespace footbridge::bench

int main(int argc, char** argv) try {
  const auto number = [&](int index) { return std::strtoul(argv[index], nullptr, 10); };
  if (argc < 4 || argc > 6)
    footbridge::bench::fail("usage: broker_load PORT CLIENTS PROXIES [NETWORK [OFFERS_PER_SECOND]]");
  footbridge::bench::run(static_cast<std::uint16_t>(number(1)), number(2), number(3), argc > 4 ? argv[4] : nullptr,
                         argc > 5 ? number(5) : 0);
} catch (const std::exception& error) {
  footbridge::bench::fail(error.what());
}
