#include "transport/ws/leg.hpp"

#include <utility>

#include "transport/ws/leg_impl.hpp"

namespace footbridge::ws {

// Owners of the Impl: see the member.
Leg::Leg(Parts parts, Rng& rng) : impl_(std::make_shared<Impl>(std::move(parts), rng)) {}
Leg::~Leg() { impl_->abandon(); }

void Leg::start(PipeEvents& events) {
  timer_ = std::make_unique<io::DeadlineTimer>(impl_->executor(),
                                               [impl = impl_](TimePoint now) { Impl::on_deadline(impl, now); });
  Impl::start(impl_, events, *timer_);
}
bool Leg::send(ByteView message) { return impl_->send(message); }
void Leg::flush() { Impl::flush(impl_); }
std::size_t Leg::backlog_bytes() const { return impl_->backlog_bytes(); }
void Leg::pause_reading(bool paused) { Impl::pause_reading(impl_, paused); }
void Leg::close(PipeEnd end) { Impl::close(impl_, end); }
wire::WsCloseCode Leg::close_code() const { return impl_->close_code(); }
void Leg::set_timing_for_test(Timing timing) { impl_->timing = timing; }

}  // namespace footbridge::ws
