#include "core/egress/heartbeats.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "crypto/heartbeat_box.hpp"

namespace footbridge::core {
namespace {

constexpr double kHalfFull = 0.5;
constexpr double kHighFull = 0.8;
constexpr double kFull = 0.98;
// A sequence begins with the clock's milliseconds, so that it goes on growing over restarts.
constexpr std::uint64_t kSequencePerSecond = 1'000;

Duration jittered(Duration nominal, Rng& rng) {
  const auto fifth = nominal.count() / 5;
  return Duration{nominal.count() - fifth +
                  static_cast<Duration::rep>(rng.between(0, static_cast<std::uint64_t>(2 * fifth)))};
}

}  // namespace

wire::LoadClass load_class(double fullness) {
  if (fullness >= kFull) return wire::LoadClass::Full;
  if (fullness >= kHighFull) return wire::LoadClass::High;
  return fullness >= kHalfFull ? wire::LoadClass::Half : wire::LoadClass::Light;
}

Heartbeats::Post Heartbeats::beat(TimePoint now, UnixSeconds unix_now, const Condition& condition,
                                  std::vector<wire::Receipt> receipts) {
  FB_ASSERT(!told() && (receipts.empty() || wants_receipts()));
  if (!receipts.empty()) {
    batch_ = std::move(receipts);
    ++batch_number_;
  }
  sequence_ = std::max(sequence_ + 1, count(unix_now) * kSequencePerSecond);
  const wire::EgressReport report{config_.boot,       sequence_,     unix_now, condition.load,
                                  condition.draining, batch_number_, batch_};
  wire::Heartbeat heartbeat{
      config_.names, crypto::seal_heartbeat(crypto::HeartbeatBox::Report, names(), wire::encode_egress_report(report),
                                            config_.key, rng_)};
  out_ = ++last_id_;
  give_up_at_ = now + kAnswerLimit;
  return {*out_, wire::encode_request({.body = std::move(heartbeat)}, rng_)};
}

void Heartbeats::on_answer(TimePoint now, std::uint64_t id, ByteView body) {
  if (out_ != id) return;
  const auto answer = open(body);
  if (!answer || answer->boot != config_.boot || answer->sequence != sequence_) return settle(now, Echo::Nobody);
  switch (answer->verdict) {
    case wire::ReportVerdict::Taken: batch_.clear(); return settle(now, Echo::Taken);
    case wire::ReportVerdict::Stale:  // our clock was set back, and an earlier run's reports stand
      sequence_ = std::max(sequence_, answer->last_sequence);
      hurried_ = true;
      return settle(now, Echo::Nobody);
    case wire::ReportVerdict::WrongTime: return settle(now, Echo::WrongTime);
    case wire::ReportVerdict::Unknown: return settle(now, Echo::Nobody);
  }
  FB_ASSERT(false);
}

void Heartbeats::on_failed(TimePoint now, std::uint64_t id) {
  if (out_ == id) settle(now, Echo::Nobody);
}

void Heartbeats::on_deadline(TimePoint now) {
  if (told() && now >= give_up_at_) settle(now, Echo::Nobody);
}

void Heartbeats::hurry(TimePoint now) {
  if (told())
    hurried_ = true;
  else
    next_at_ = now;
}

void Heartbeats::settle(TimePoint now, Echo echo) {
  out_.reset();
  echo_ = echo;
  heard_ = heard_ || echo == Echo::Taken;
  next_at_ = now + (std::exchange(hurried_, false) ? Duration(kSoon) : jittered(heard_ ? kEvery : kUntilTaken, rng_));
}

std::optional<wire::ReportAnswer> Heartbeats::open(ByteView body) const {
  const auto response = wire::parse_response(body);
  const auto* reply = response ? std::get_if<wire::HeartbeatReply>(&response->body) : nullptr;
  if (reply == nullptr) return std::nullopt;
  const auto plain = crypto::open_heartbeat(crypto::HeartbeatBox::Answer, names(), reply->sealed, config_.key);
  return plain ? wire::parse_report_answer(*plain) : std::nullopt;
}

Bytes Heartbeats::names() const {
  Bytes out;
  for (const auto& id : config_.names) append(out, id.view());
  return out;
}

std::string_view name(Heartbeats::Echo echo) {
  switch (echo) {
    case Heartbeats::Echo::None: return "none";
    case Heartbeats::Echo::Taken: return "taken";
    case Heartbeats::Echo::Nobody: return "nobody";
    case Heartbeats::Echo::WrongTime: return "wrong-time";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
