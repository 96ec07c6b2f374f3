#include "programs/proxy/stay.hpp"

#include <utility>

#include "core/path/leaving_note.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge::proxy {

Stay::Stay(asio::any_io_executor executor, core::SlotRef at, webrtc::Engine& engine, webrtc::LinkKind best,
           wire::Sdp offer, std::optional<core::MappedPort> mapped, Limits& limits, StayEvents& events)
    : at_(at),
      mapped_port_(mapped ? std::optional(mapped->local_port) : std::nullopt),
      limits_(limits),
      events_(events),
      link_(engine.answer(std::move(executor), {.best = best, .mapped = std::move(mapped)}, std::move(offer), *this)) {}

void Stay::take_leg(std::unique_ptr<io::RelayLeg> leg, bool can_pause) {
  leg_can_pause_ = can_pause;
  leg_ = std::move(leg);
  leg_->start(leg_side_);
}

void Stay::start_relay() {
  to_leg_.emplace(*leg_, limits_.to_legs);
  relay_->attach_leg(*to_leg_, leg_can_pause_);
  activity_.emplace(io::now());
}

void Stay::tell_carried(TimePoint now) {
  if (activity_) activity_->observe(now, relay_->to_leg().bytes + relay_->to_link().bytes);
  events_.on_carried(now);
}

void Stay::tell_leaving(const MatchId& match, Rng& rng) {
  if (link_over_) return;
  static_cast<void>(link_->send(core::make_leaving_note(match, rng)));  // said again if the link is busy
  link_->flush();
}

bool Stay::close_link(PipeEnd why) {
  if (link_over_) return false;
  link_->close(why);
  return true;
}

bool Stay::close_leg(PipeEnd why) {
  if (!leg_ || leg_over_) return false;
  leg_->close(why);
  return true;
}

void Stay::on_local_description(TimePoint now, Private<std::string> sdp) {
  events_.on_answer_made(now, at_, std::move(sdp));
}

void Stay::on_open(TimePoint now) {
  if (const auto kind = link_->info().kind) observe::log(observe::Level::Info, "link-open", observe::kv("kind", *kind));
  to_link_.emplace(*link_, limits_.to_links);
  relay_.emplace(at_, *to_link_);
  events_.on_link_open(now, at_);
}

void Stay::on_messages(TimePoint now, std::span<const ByteView> batch) {
  if (!relay_) return;
  limits_.to_legs.tell(now);
  relay_->on_link_messages(at_, batch);
  tell_carried(now);
}

void Stay::on_drained(TimePoint) { look_drained(); }

void Stay::look_drained() {
  if (relay_ && to_link_->backlog_bytes() == 0) relay_->on_link_drained(at_);
}

void Stay::on_closed(TimePoint now, PipeEnd end) {
  link_over_ = true;
  events_.on_link_closed(now, at_, end);
}

void Stay::LegSide::on_open(TimePoint now) { stay_.events_.on_leg_open(now, stay_.at_); }

void Stay::LegSide::on_messages(TimePoint now, std::span<const ByteView> batch) {
  if (!stay_.relay_) return;
  stay_.limits_.to_links.tell(now);
  stay_.relay_->on_leg_messages(stay_.at_, batch);
  stay_.tell_carried(now);
}

void Stay::LegSide::on_closed(TimePoint now, PipeEnd end) {
  stay_.leg_over_ = true;
  stay_.events_.on_leg_closed(now, stay_.at_, end);
}

}  // namespace footbridge::proxy
