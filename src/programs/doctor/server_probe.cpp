#include "programs/doctor/server_probe.hpp"

#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "transport/http/client.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::doctor {
namespace {

using core::Reach;
using http::HttpErrc;

constexpr std::size_t kHeartbeatBytes = 300;  // as a small report has

Reach reach_of(HttpErrc error) {
  switch (error) {
    case HttpErrc::Policy: return Reach::Private;
    case HttpErrc::Unresolved: return Reach::NoName;
    case HttpErrc::Refused: return Reach::Refused;
    case HttpErrc::Unreachable:
    case HttpErrc::TimedOut:
    case HttpErrc::Upstream: return Reach::Silent;
    case HttpErrc::Closed: return Reach::Cut;
    case HttpErrc::CertExpired: return Reach::Expired;
    case HttpErrc::CertNotYetValid: return Reach::NotYet;
    case HttpErrc::CertWrongName: return Reach::WrongName;
    case HttpErrc::CertUnknownIssuer:
    case HttpErrc::CertUnacceptable:
    case HttpErrc::Untrusting: return Reach::Unproven;
    case HttpErrc::CertWrongKey: return Reach::WrongKey;
    case HttpErrc::NoTls: return Reach::NoTls;
    case HttpErrc::BadScheme:
    case HttpErrc::Malformed:
    case HttpErrc::TooLarge:
    case HttpErrc::BadStatus:
    case HttpErrc::NotTheirs:
    case HttpErrc::NoKey: return Reach::Strange;
  }
  FB_ASSERT(false);
}

bool is_web_server(HttpErrc error) { return error == HttpErrc::BadStatus || error == HttpErrc::TooLarge; }

http::Client::Options client_options(io::TlsClient& trust, ServerSeen& seen, core::AskerClock& clock) {
  http::Client::Options out{.max_connections = 1, .trust = &trust};
  out.max_body_bytes = crypto::kMaxEnvelopeBytes;
  out.on_proven_date = [&seen, &clock](UnixSeconds date) {
    const auto ours = io::unix_now();
    seen.ahead = Seconds{static_cast<Seconds::rep>(count(ours) - count(date))};  // wraps to the negative
    clock.heard(ours, date);
  };
  return out;
}

// The question is stamped, and a broker answers nobody whose clock is wrong: once more, as its Date says.
asio::awaitable<void> ask_sealed(http::Client& client, const Way& way, core::SealedWays& seals, Rng& rng,
                                 Duration limit, ServerSeen& seen) {
  const auto until = io::now() + limit;
  const auto envelope = seals.envelope(0);
  for (int tried = 0; tried < 2; ++tried) {
    const auto offset = seals.clock().offset();
    auto question = seals.directory_question(io::unix_now(), envelope, rng);
    const auto began = io::now();
    auto answer = co_await client.post(way.route, std::move(question.bytes), "text/plain", until - io::now());
    seen.took = io::now() - began;
    if (answer) {
      seen.directory = core::open_directory_answer(envelope, question.nonce, answer->body);
      seen.reach = seen.directory ? Reach::Answers : Reach::Strange;
    } else {
      seen.reach = reach_of(answer.error());
    }
    if (seen.reach != Reach::Strange || seals.clock().offset() == offset) co_return;
  }
}

asio::awaitable<void> ask_plain(http::Client& client, const Way& way, Rng& rng, Duration limit, ServerSeen& seen) {
  wire::Request request;
  request.body = wire::Heartbeat{{wire::EgressId::random(rng)}, rng.bytes(kHeartbeatBytes)};
  const auto began = io::now();
  auto answer = co_await client.post(way.route, wire::encode_request(request), "text/plain", limit);
  seen.took = io::now() - began;
  // It proved its name, or is on this machine: without a seal no other brokers are asked.
  if (!answer)
    seen.reach = is_web_server(answer.error()) ? Reach::Hidden : reach_of(answer.error());
  else
    seen.reach = wire::parse_response(answer->body) ? Reach::Answers : Reach::Hidden;
}

}  // namespace

asio::awaitable<ServerSeen> probe_broker(io::Dialer& dialer, io::TlsClient& trust, Way way, Rng& rng, Duration limit) {
  ServerSeen seen;
  core::SealedWays seals(way.seal ? std::vector{*way.seal} : std::vector<core::WaySeal>(), std::nullopt);
  http::Client client(co_await asio::this_coro::executor, dialer, client_options(trust, seen, seals.clock()));
  if (way.seal)
    co_await ask_sealed(client, way, seals, rng, limit, seen);
  else
    co_await ask_plain(client, way, rng, limit, seen);
  co_return seen;
}

asio::awaitable<ServerSeen> probe_egress(io::Dialer& dialer, io::TlsClient& trust, Relay relay, Duration limit) {
  ServerSeen seen;
  core::AskerClock unused;
  http::Client client(co_await asio::this_coro::executor, dialer, client_options(trust, seen, unused));
  auto url = relay.url;
  url.scheme = url.is_tls() ? wire::UrlScheme::Https : wire::UrlScheme::Http;
  url.target = Private<std::string>("/");
  http::Route route(std::move(url));
  route.pin = relay.pin;
  const auto began = io::now();
  const auto answer = co_await client.get(std::move(route), limit);
  seen.took = io::now() - began;
  const bool spoke = answer || is_web_server(answer.error());
  seen.reach = spoke ? Reach::Answers : reach_of(answer.error());
  co_return seen;
}

}  // namespace footbridge::doctor
