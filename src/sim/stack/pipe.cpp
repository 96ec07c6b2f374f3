#include "sim/stack/pipe.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

Pipe::Pipe(Network& network, std::uint64_t number, const PipeWeather& weather, Seed seed)
    : network_(network),
      number_(number),
      sender_sees_queue_(weather.sender_sees_queue),
      links_{Link(weather.forth, seed.child("forth").value()), Link(weather.back, seed.child("back").value())},
      sides_{Side(*this, 0), Side(*this, 1)},
      drained_{Timer(network.queue, [this] { on_drained(0); }), Timer(network.queue, [this] { on_drained(1); })} {}

void Pipe::Side::use(PipeEvents& user, bool at_open) {
  FB_ASSERT(user_ == nullptr && open_);
  user_ = &user;
  if (!at_open) return;
  auto& network = pipe_.network_;
  network.queue.at(network.now(), [&network, number = pipe_.number_, index = index_] {
    auto* const pipe = network.find_pipe(number);
    if (pipe != nullptr && pipe->side(index).user_ != nullptr) pipe->side(index).user_->on_open(network.now());
  });
}

void Pipe::Side::abandon() {
  user_ = nullptr;
  open_ = false;
  pipe_.retire();
}

bool Pipe::Side::send(ByteView message) {
  if (!open_ || message.size() > max_message_bytes()) return false;
  if (pipe_.carrier) {
    for (auto& delivery : pipe_.carrier(index_, message)) {
      auto& network = pipe_.network_;
      const auto at = network.now() + pipe_.links_[index_].weather().delay + delivery.later;
      network.queue.at(at, [&network, number = pipe_.number_, to = delivery.to, bytes = std::move(delivery.message)] {
        if (auto* const pipe = network.find_pipe(number)) pipe->arrive(to, bytes);
      });
    }
    return true;
  }
  pipe_.carry(index_, to_bytes(message));
  return true;
}

std::size_t Pipe::Side::backlog_bytes() const {
  return pipe_.sender_sees_queue_ ? pipe_.links_[index_].queued_bytes(pipe_.network_.now()) : 0;
}

std::size_t Pipe::Side::max_message_bytes() const { return pipe_.links_[index_].weather().max_message_bytes; }

void Pipe::Side::pause_reading(bool paused) {
  paused_ = paused;
  auto& network = pipe_.network_;
  if (!paused && !waiting_.empty())
    network.queue.at(network.now(), [&network, number = pipe_.number_, index = index_] {
      if (auto* const pipe = network.find_pipe(number)) pipe->hand_over(pipe->side(index));
    });
}

void Pipe::Side::freeze(bool frozen) {
  frozen_ = frozen;
  if (!frozen) pause_reading(paused_);
}

// Both sides of a pipe hear of its end, as they would of a link's or a leg's.
void Pipe::Side::close(PipeEnd how) {
  pipe_.tell_end(index_, how, Duration{});
  pipe_.tell_end(1 - index_, PipeEnd::Remote, pipe_.links_[index_].weather().delay);
}

void Pipe::cut(bool is_cut) {
  for (auto& link : links_) link.cut(is_cut);
}

void Pipe::end(PipeEnd how) {
  for (const std::size_t side : {0U, 1U}) tell_end(side, how, Duration{});
}

void Pipe::crash(std::size_t side, std::optional<PipeEnd> told, Duration later) {
  cut(true);
  if (told) tell_end(1 - side, *told, later);
  sides_[side].abandon();
}

void Pipe::carry(std::size_t from, Bytes message) {
  const auto now = network_.now();
  const auto arrivals = links_[from].send(now, message.size());
  network_.trace.packet(now, {"pipe", number_}, "sent",
                        {{"side", from}, {"bytes", message.size()}, {"copies", arrivals.size()}});
  if (sender_sees_queue_ && links_[from].queued_bytes(now) > 0) {
    sides_[from].was_full_ = true;
    drained_[from].arm(links_[from].drained_at());
  }
  for (const auto at : arrivals)
    network_.queue.at(at, [&network = network_, number = number_, to = 1 - from, message] {
      if (auto* const pipe = network.find_pipe(number)) pipe->arrive(to, message);
    });
}

void Pipe::on_drained(std::size_t from) {
  auto& side = sides_[from];
  if (links_[from].queued_bytes(network_.now()) > 0) return drained_[from].arm(links_[from].drained_at());
  if (std::exchange(side.was_full_, false) && side.user_ != nullptr) side.user_->on_drained(network_.now());
}

void Pipe::arrive(std::size_t to, Bytes message) {
  auto& side = sides_[to];
  if (links_[1 - to].is_cut() || !side.open_ || side.user_ == nullptr) return;
  if (!side.frozen_ && !side.paused_) return deliver(side, {&message, 1});
  if (side.waiting_bytes_ + message.size() > kMaxFrozenBytes) return;
  side.waiting_bytes_ += message.size();
  side.waiting_.push_back(std::move(message));
}

void Pipe::hand_over(Side& side) {
  if (side.frozen_ || side.paused_ || !side.open_) return;
  const auto messages = std::exchange(side.waiting_, {});
  side.waiting_bytes_ = 0;
  if (!messages.empty()) deliver(side, messages);
}

void Pipe::deliver(Side& side, std::span<const Bytes> messages) {
  const std::vector<ByteView> views(messages.begin(), messages.end());
  if (side.user_ != nullptr) side.user_->on_messages(network_.now(), views);
}

void Pipe::tell_end(std::size_t side, PipeEnd how, Duration later) {
  network_.queue.at(network_.now() + later, [&network = network_, number = number_, side, how] {
    if (auto* const pipe = network.find_pipe(number)) pipe->close_side(side, how);
  });
}

void Pipe::close_side(std::size_t side, PipeEnd how) {
  if (!std::exchange(sides_[side].open_, false)) return;
  network_.trace.story(network_.now(), {"pipe", number_}, "closed",
                       {{"side", side}, {"how", static_cast<std::uint64_t>(how)}});
  if (auto* const user = std::exchange(sides_[side].user_, nullptr)) user->on_closed(network_.now(), how);
  retire();
}

// When nobody is left at either side; from an event of its own, as users may be in the middle of a call.
void Pipe::retire() {
  if (sides_[0].open_ || sides_[1].open_) return;
  network_.queue.at(network_.now(), [&network = network_, number = number_] { network.forget_pipe(number); });
}

}  // namespace footbridge::sim
