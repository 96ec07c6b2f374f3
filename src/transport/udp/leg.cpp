#include "transport/udp/leg.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"

namespace footbridge::udp {
namespace {

// Whoever leaves says so twice: a lost word costs the other end kUdpIdleLimit.
constexpr int kLeaveTimes = 2;
constexpr std::size_t kMaxSpareBatches = 4;

// What the legs of a thread gather their datagrams in, one after the other: a quiet leg holds no memory for it.
std::vector<io::DatagramBatch>& spare_batches() {
  thread_local std::vector<io::DatagramBatch> spare;
  return spare;
}

io::DatagramBatch take_batch() {
  auto& spare = spare_batches();
  if (spare.empty()) return {};
  auto batch = std::move(spare.back());
  spare.pop_back();
  return batch;
}

void give_back(io::DatagramBatch batch) {
  if (spare_batches().size() < kMaxSpareBatches) spare_batches().push_back(std::move(batch));
}

}  // namespace

Leg::Leg(asio::any_io_executor executor, Parts parts, Rng& rng)
    : executor_(executor),
      signals_(std::move(parts.signals)),
      permit_(std::move(parts.permit)),
      enter_(std::move(parts.enter)),
      rng_(rng),
      idle_(std::move(executor), [this](TimePoint now) { on_idle(now); }),
      line_(std::move(parts.line)) {}

Leg::~Leg() {
  *gone_ = true;
  if (state_ == State::Open) say(core::UdpSignal::Leave);
}

void Leg::start(PipeEvents& events) {
  FB_ASSERT(state_ == State::Idle && events_ == nullptr);
  events_ = &events;
  asio::post(executor_, [this, gone = gone_] {
    if (*gone || state_ != State::Idle) return;
    const auto now = io::now();
    state_ = State::Open;
    last_heard_ = now;
    idle_.arm(now + idle_limit_);
    if (!enter_.empty()) say(core::UdpSignal::Welcome);
    line_->start(*this);
    events_->on_open(now);
  });
}

bool Leg::send(ByteView message) {
  if (state_ != State::Open || message.size() > core::kMaxUdpMessageBytes) return false;
  if (message.empty()) return true;
  if (outgoing_.empty()) outgoing_ = take_batch();
  outgoing_.append(message);
  if (outgoing_.full()) flush();
  return true;
}

void Leg::flush() {
  if (outgoing_.empty()) return;
  const bool there = line_->flush(outgoing_);
  give_back(std::exchange(outgoing_, {}));
  if (!there) finish_later(PipeEnd::Lost);
}

void Leg::say(core::UdpSignal signal) {
  flush();  // what was sent before it comes before it
  io::DatagramBatch one;
  one.append(signals_.encode(signal, rng_));
  static_cast<void>(line_->flush(one));
}

void Leg::close(PipeEnd end) {
  if (state_ == State::Closed) return;
  const bool was_open = state_ == State::Open;
  if (was_open)
    for (int i = 0; i < kLeaveTimes; ++i) say(core::UdpSignal::Leave);
  if (was_open) finish_later(end);
  state_ = State::Closed;
}

void Leg::on_run(TimePoint now, ByteView run, std::size_t segment_bytes) {
  if (state_ != State::Open || segment_bytes == 0 || segment_bytes > core::kMaxUdpMessageBytes) return;
  last_heard_ = now;
  bool leaves = false;
  for (; !run.empty() && !leaves; run = run.subspan(std::min(segment_bytes, run.size()))) {
    const auto datagram = run.first(std::min(segment_bytes, run.size()));
    const auto signal = signals_.parse(datagram);
    leaves = signal == core::UdpSignal::Leave;
    if (!signal && !is_enter_again(datagram)) received_.push_back(datagram);
  }
  const auto gone = gone_;  // a user may destroy the leg while it is told
  auto batch = std::exchange(received_, {});
  if (!batch.empty()) events_->on_messages(now, batch);
  if (*gone) return;
  batch.clear();
  received_ = std::move(batch);
  if (leaves) finish(now, PipeEnd::Remote);
}

// The proxy has not heard that it is welcome and asks again. Anything else from it shows that it has.
bool Leg::is_enter_again(ByteView datagram) {
  if (enter_.empty()) return false;
  if (datagram.size() > enter_.size() && std::ranges::equal(datagram.first(enter_.size()), enter_)) {
    say(core::UdpSignal::Welcome);
    return true;
  }
  Bytes().swap(enter_);
  return false;
}

void Leg::on_idle(TimePoint now) {
  if (state_ != State::Open) return;
  if (now - last_heard_ >= idle_limit_) return finish(now, PipeEnd::Lost);
  idle_.arm(last_heard_ + idle_limit_);
}

void Leg::finish(TimePoint now, PipeEnd end) {
  state_ = State::Closed;
  idle_.arm(std::nullopt);
  if (auto* const events = std::exchange(events_, nullptr)) events->on_closed(now, end);
}

// From inside a call of the user.
void Leg::finish_later(PipeEnd end) {
  asio::post(executor_, [this, gone = gone_, end] {
    if (!*gone) finish(io::now(), end);
  });
}

}  // namespace footbridge::udp
