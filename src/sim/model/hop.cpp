#include "sim/model/hop.hpp"

#include <string>
#include <utility>

#include "core/path/packet_sizes.hpp"
#include "core/proxy/relay.hpp"

namespace footbridge::sim::model {
// Ends -------------------------------------------------------------------------------------------------------------

bool HopEnd::send(ByteView message) {
  if (state_ != State::Open || message.size() > max_message_bytes()) return false;
  hop_.transmit(side_, message);
  return true;
}

std::size_t HopEnd::backlog_bytes() const {
  return hop_.link(side_).queued_bytes(hop_.now()) + hop_.end(1 - side_).held_bytes_;
}

std::size_t HopEnd::max_message_bytes() const { return core::kMaxPacketBytes; }

void HopEnd::pause_reading(bool paused) {
  paused_ = paused && hop_.kind() == HopKind::Leg;
  if (!paused_) hop_.later({}, [hop = &hop_, side = side_] { hop->release(side); });
}

void HopEnd::close(PipeEnd end) { hop_.close(side_, end); }

// Hop --------------------------------------------------------------------------------------------------------------

Hop::Hop(Ground& ground, HopKind kind, std::uint64_t number, const HopTerms& terms, Seed seed)
    : Timed(ground),
      kind_(kind),
      number_(number),
      notices_after_(terms.notices_after),
      links_{Link(terms.weather[0], seed.child("there").value()), Link(terms.weather[1], seed.child("back").value())},
      ends_{HopEnd{*this, 0}, HopEnd{*this, 1}} {}

void Hop::open() {
  if (ends_[0].state_ != HopEnd::State::Opening || ends_[1].state_ != HopEnd::State::Opening) return;
  for (auto& end : ends_) {
    end.state_ = HopEnd::State::Open;
  }
  for (auto& end : ends_) {
    if (end.user_ != nullptr) end.user_->on_open(now());
  }
}

void Hop::cut(bool is_cut) {
  if (is_cut == is_cut_) return;
  is_cut_ = is_cut;
  ++cuts_;
  if (kind_ == HopKind::Link)
    for (auto& each : links_) each.cut(is_cut);
  if (is_cut) {
    later(notices_after_, [this, cut = cuts_] {
      if (cut != cuts_) return;
      for (const int side : {0, 1}) shut(side, PipeEnd::Lost, {});
    });
  } else {
    for (const int side : {0, 1}) release(side);
  }
}

void Hop::transmit(int from, ByteView message) {
  const bool by_proxy = from == (kind_ == HopKind::Link ? 1 : 0);
  if (by_proxy && end(from).backlog_bytes() + message.size() > core::Relay::kMaxBacklogBytes)
    ground().broken(Property::Bounded, {kind_ == HopKind::Link ? "link" : "leg", number_},
                    "a proxy queues more than " + std::to_string(core::Relay::kMaxBacklogBytes) + " bytes");
  for (const auto at : link(from).send(now(), message.size()))
    later(at - now(), [this, to = 1 - from, bytes = to_bytes(message)]() mutable { arrive(to, std::move(bytes)); });
  if (end(from).backlog_bytes() > 0) await_drained(from);
}

void Hop::await_drained(int side) {
  auto& sender = end(side);
  if (std::exchange(sender.drain_awaited_, true)) return;
  later(link(side).drained_at() - now(), [this, side] {
    auto& at = end(side);
    at.drain_awaited_ = false;
    if (at.state_ != HopEnd::State::Open) return;
    if (link(side).queued_bytes(now()) > 0) return await_drained(side);
    if (at.backlog_bytes() == 0 && at.user_ != nullptr) at.user_->on_drained(now());
  });
}

void Hop::arrive(int to, Bytes message) {
  auto& receiver = end(to);
  if (receiver.state_ != HopEnd::State::Open) return;
  if (kind_ == HopKind::Link && is_cut_) return;
  if (is_cut_ || receiver.paused_ || !receiver.held_.empty()) {
    receiver.held_bytes_ += message.size();
    receiver.held_.push_back(std::move(message));
    return;
  }
  ground().trace().packet(now(), {kind_ == HopKind::Link ? "link" : "leg", number_}, "arrive",
                          {{"end", static_cast<std::uint64_t>(to)}, {"bytes", message.size()}});
  const ByteView view = message;
  if (receiver.user_ != nullptr) receiver.user_->on_messages(now(), {&view, 1});
}

// What waited is read now, if nothing stops it any more.
void Hop::release(int to) {
  auto& receiver = end(to);
  if (is_cut_ || receiver.paused_ || receiver.held_.empty()) return;
  const auto held = std::exchange(receiver.held_, {});
  receiver.held_bytes_ = 0;
  const std::vector<ByteView> batch(held.begin(), held.end());
  if (receiver.user_ != nullptr && receiver.state_ == HopEnd::State::Open) receiver.user_->on_messages(now(), batch);
  auto& sender = end(1 - to);
  if (sender.state_ == HopEnd::State::Open && sender.user_ != nullptr && sender.backlog_bytes() == 0)
    sender.user_->on_drained(now());
}

void Hop::close(int side, PipeEnd why) {
  if (end(side).state_ == HopEnd::State::Closed) return;
  shut(side, why, {});
  if (is_cut_)
    shut(1 - side, PipeEnd::Lost, notices_after_);
  else
    shut(1 - side, PipeEnd::Remote, link(side).weather().delay);
}

void Hop::vanish(int side, bool noticed) {
  end(side).user_ = nullptr;
  end(side).state_ = HopEnd::State::Closed;
  end(side).told_ = true;
  over_since_ = now();
  shut(1 - side, PipeEnd::Lost, noticed && !is_cut_ ? link(side).weather().delay : notices_after_);
}

// `side` is closed and told, `after` from now; one that closes itself takes nothing more from then on.
void Hop::shut(int side, PipeEnd why, Duration after) {
  if (after == Duration{}) end(side).state_ = HopEnd::State::Closed;
  later(after, [this, side, why] {
    auto& at = end(side);
    at.state_ = HopEnd::State::Closed;
    over_since_ = now();
    if (std::exchange(at.told_, true) || at.user_ == nullptr) return;
    std::exchange(at.user_, nullptr)->on_closed(now(), why);
  });
}

}  // namespace footbridge::sim::model
