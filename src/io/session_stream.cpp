#include "io/session_stream.hpp"

#include <utility>

#include "io/clock.hpp"
#include "io/session_host.hpp"

namespace footbridge::io {

SessionStream::SessionStream(asio::any_io_executor executor, SessionHost& host, core::StreamId id)
    : host_(&host), id_(id), reading_(executor), writing_(executor) {}

SessionStream::~SessionStream() {
  if (host_ == nullptr) return;
  if (!read_ended_ || !write_ended_) host_->session().reset(now(), id_, core::ResetCode::Cancelled);
  host_->remove_stream(id_);
  host_->touch();
}

asio::awaitable<SessionStream::Arrival> SessionStream::readable() {
  for (;;) {
    if (reset_ || (host_ == nullptr && !read_ended_)) co_return Arrival::Reset;
    if (host_ != nullptr && !host_->session().peek(id_).empty()) co_return Arrival::Bytes;
    if (read_ended_) co_return Arrival::End;
    if (!co_await reading_.wait()) co_return Arrival::Reset;
  }
}

ByteView SessionStream::peek() const { return host_ == nullptr ? ByteView{} : host_->session().peek(id_); }

std::size_t SessionStream::peek(std::span<ByteView> views) const {
  return host_ == nullptr ? 0 : host_->session().peek(id_, views);
}

void SessionStream::consume(std::size_t count) {
  if (host_ == nullptr || count == 0) return;
  host_->session().consume(now(), id_, count);
  host_->touch();
}

bool SessionStream::may_write() const { return host_ != nullptr && !write_ended_ && !reset_; }

std::size_t SessionStream::room() const { return may_write() ? host_->session().room(id_) : 0; }

std::size_t SessionStream::write_some(ByteView bytes) {
  if (!may_write() || bytes.empty()) return 0;
  const auto taken = host_->session().write(now(), id_, bytes);
  host_->touch();
  return taken;
}

asio::awaitable<bool> SessionStream::writable() {
  while (may_write()) {
    if (room() > 0) co_return true;
    if (!co_await writing_.wait()) co_return false;
  }
  co_return false;
}

asio::awaitable<bool> SessionStream::write(ByteView borrow_bytes) {
  while (!borrow_bytes.empty()) {
    if (!may_write()) co_return false;
    borrow_bytes = borrow_bytes.subspan(write_some(borrow_bytes));
    if (borrow_bytes.empty()) break;
    if (!co_await writing_.wait()) co_return false;
  }
  co_return true;
}

void SessionStream::finish() {
  if (host_ == nullptr || std::exchange(write_ended_, true)) return;
  host_->session().finish(now(), id_);
  host_->touch();
}

void SessionStream::reset(core::ResetCode code) {
  if (host_ == nullptr) return;
  host_->session().reset(now(), id_, code);
  read_ended_ = write_ended_ = true;
  reset_ = reset_.value_or(code);
  host_->touch();
  reading_.notify();
  writing_.notify();
}

void SessionStream::stop(core::ResetCode code) {
  if (host_ == nullptr) return;
  host_->session().stop(now(), id_, code);
  read_ended_ = true;
  host_->touch();
  reading_.notify();
}

void SessionStream::on_finished() {
  read_ended_ = true;
  reading_.notify();
}

void SessionStream::on_reset(core::ResetCode code) {
  read_ended_ = true;
  reset_ = code;
  reading_.notify();
  writing_.notify();
  if (when_broken_) when_broken_();
}

void SessionStream::on_stopped(core::ResetCode) {
  write_ended_ = true;
  writing_.notify();
}

void SessionStream::on_host_gone(std::optional<core::ResetCode> why) {
  host_ = nullptr;
  if (!reset_) reset_ = why;
  reading_.notify();
  writing_.notify();
  if (when_broken_) when_broken_();
}

}  // namespace footbridge::io
