#include "core/proxy/relay.hpp"

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

void count_drop(RelayCount& count, RelayDrop reason, std::size_t messages = 1) {
  count.dropped[static_cast<std::size_t>(reason)] += messages;
}

}  // namespace

void Relay::attach_leg(MessagePipe& leg, bool can_pause) {
  FB_ASSERT(leg_ == nullptr);
  leg_ = &leg;
  can_pause_ = can_pause;
  const std::vector<ByteView> batch(early_.begin(), early_.end());
  if (!batch.empty()) forward(batch, leg, to_leg_);
  early_.clear();
  early_.shrink_to_fit();
  early_bytes_ = 0;
}

void Relay::on_link_messages(SlotRef at, std::span<const ByteView> batch) {
  if (at != at_) return count_drop(to_leg_, RelayDrop::Foreign, batch.size());
  if (leg_ == nullptr) return keep_early(batch);
  forward(batch, *leg_, to_leg_);
}

void Relay::on_leg_messages(SlotRef at, std::span<const ByteView> batch) {
  if (at != at_) return count_drop(to_link_, RelayDrop::Foreign, batch.size());
  forward(batch, link_, to_link_);
  // A browser's link never says "stop"; a leg over TCP can, and then its sender waits instead of losing packets.
  if (leg_ != nullptr && can_pause_ && !paused_ && link_.backlog_bytes() >= kPauseBytes) {
    paused_ = true;
    leg_->pause_reading(true);
  }
}

void Relay::on_link_drained(SlotRef at) {
  if (at != at_ || !paused_) return;
  paused_ = false;
  leg_->pause_reading(false);
}

void Relay::forward(std::span<const ByteView> batch, MessagePipe& out, RelayCount& count) {
  bool any = false;
  for (const auto message : batch) {
    // A batch may be longer than the queue, and most of it may be on its way already if we let it go.
    if (any && !has_room(out.backlog_bytes(), message.size())) {
      out.flush();
      any = false;
    }
    if (message.size() > out.max_message_bytes()) {
      count_drop(count, RelayDrop::TooLarge);
    } else if (!has_room(out.backlog_bytes(), message.size())) {
      count_drop(count, RelayDrop::Backlog);
    } else if (!out.send(message)) {
      count_drop(count, RelayDrop::NotOpen);
    } else {
      any = true;
      ++count.messages;
      count.bytes += message.size();
    }
  }
  if (any) out.flush();
}

void Relay::keep_early(std::span<const ByteView> batch) {
  for (const auto message : batch) {
    if (!may_wait(early_bytes_, early_.size(), message.size())) {
      count_drop(to_leg_, RelayDrop::Early);
      continue;
    }
    early_bytes_ += message.size();
    early_.push_back(to_bytes(message));
  }
}

std::string_view name(RelayDrop reason) {
  switch (reason) {
    case RelayDrop::Backlog: return "backlog";
    case RelayDrop::TooLarge: return "too-large";
    case RelayDrop::NotOpen: return "not-open";
    case RelayDrop::Foreign: return "foreign";
    case RelayDrop::Early: return "early";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
