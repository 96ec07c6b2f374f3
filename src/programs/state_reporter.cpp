#include "programs/state_reporter.hpp"

#include <string>
#include <utility>

#include "core/netstate/reporter_chain.hpp"
#include "io/clock.hpp"
#include "io/unix_millis.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge {
namespace {

constexpr Millis kGoodbyeLook{50};

ReporterFile file_for(const ReporterOptions& options, wire::NodeRole role) {
  auto file = read_reporter_file("--reporter", *options.file);
  if (!is_unread_on_its_way(file.url.reveal_to_socket()))
    throw ops::UsageError("--reporter: " + options.file->path +
                          ": its url has to begin with https:// unless netstate is on this machine, or whoever carries "
                          "reports reads them");
  const auto chain = wire::parse_reporter_chain(file.chain);
  const auto certificate = chain ? wire::parse_reporter_certificate(chain->certificate) : std::nullopt;
  if (!certificate || certificate->role != role)
    throw ops::UsageError("--reporter: " + options.file->path +
                          " was made for another role; make one with: footbridge " + "network reporter --role " +
                          std::string(wire::name(role)));
  return file;
}

http::Route route_of(const ReporterFile& file) {
  http::Route out(wire::parse_url(file.url.reveal_to_socket().text).value());
  if (file.tls_pin) out.pin = wire::SpkiSha256{file.tls_pin->sha256};
  return out;
}

}  // namespace

StateReporter::StateReporter(asio::any_io_executor executor, io::Dialer& dialer, const ReporterOptions& options,
                             wire::NodeRole role, std::optional<wire::SpkiSha256> own_pin, Rng& rng, NowSo now_so)
    : file_(file_for(options, role)),
      key_(crypto::Ed25519KeyPair::from(file_.key)),
      route_(route_of(file_)),
      client_(
          executor, dialer,
          {.max_connections = 1, .trust = &trust_, .on_retry_after = [this](Seconds wait) { told_to_wait_ = wait; }}),
      keeper_(role, options.tag.value_or(""), own_pin ? std::optional(egress_name(*own_pin)) : std::nullopt, rng),
      now_so_(std::move(now_so)),
      look_(executor),
      done_(executor),
      scope_(executor, "state-reporter", io::TaskScope::kOthersGoOn) {}

void StateReporter::start() { scope_.spawn(run()); }

asio::awaitable<void> StateReporter::close() {
  closing_ = true;
  look_.notify();
  const auto until = io::now() + kGoodbyeToNetstate;
  while (!over_ && !scope_.empty() && io::now() < until)
    static_cast<void>(co_await io::with_deadline(until, done_.wait()));
  scope_.cancel();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await scope_.join();
}

asio::awaitable<void> StateReporter::run() {
  while (!over_) {
    const auto now = io::now();
    auto so = now_so_(*this);
    const bool goodbye = closing_;
    if (goodbye) so.state = wire::NodeState::Gone;
    keeper_.set(now, std::move(so));
    if (auto report = keeper_.take(now)) {
      co_await send(std::move(*report));
      over_ = goodbye;
    } else {
      const Duration pause = goodbye ? Duration(kGoodbyeLook) : Duration(core::kReportGap);
      static_cast<void>(co_await io::with_deadline(now + pause, look_.wait()));
    }
  }
  done_.notify();
}

asio::awaitable<void> StateReporter::send(wire::StateReport report) {
  auto body = wire::encode_report_batch({core::sign_state_report(key_, file_.chain, report, io::unix_millis())});
  told_to_wait_.reset();
  const auto answer = co_await client_.post(route_, std::move(body), "text/plain", core::kReportLimit);
  if (answer)
    keeper_.on_taken(io::now());
  else
    keeper_.on_failed(io::now(), told_to_wait_);
  tell(answer ? std::nullopt : std::optional(answer.error()));
}

// Each change is told once.
void StateReporter::tell(std::optional<http::HttpErrc> error) {
  const bool heard = !error;
  if (std::exchange(heard_, heard) == heard) return;
  if (heard) return observe::log(observe::Level::Notice, "netstate-hears");
  observe::log(observe::Level::Warn, "netstate-does-not-hear", observe::kv("why", *error),
               observe::kv("advice",
                           "it is not shown how we are; nothing else is different. If it lasts: does netstate run, is "
                           "our --reporter file of its network and not over, is our clock right?"));
}

}  // namespace footbridge
