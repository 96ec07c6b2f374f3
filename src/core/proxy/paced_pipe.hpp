// PacedPipe: a pipe whose messages leave no faster than a RateLimit lets them. Those that have to wait count as
// backlog, so a relay bounds them as it bounds any other queue: it drops, or pauses a leg that can.
//
// Bounds: its user's, by backlog_bytes(). Without a limit nothing is copied. Ownership: borrows pipe and limit, which
// outlive it, the pipe until its last call. One thread.
#pragma once

#include "base/ring.hpp"
#include "core/pipe.hpp"
#include "core/proxy/rate_limit.hpp"

namespace footbridge::core {

class PacedPipe final : public MessagePipe {
 public:
  PacedPipe(MessagePipe& borrow_pipe, RateLimit& borrow_limit) : pipe_(borrow_pipe), limit_(borrow_limit) {}
  ~PacedPipe() override { limit_.forget(*this); }
  PacedPipe(const PacedPipe&) = delete;
  PacedPipe& operator=(const PacedPipe&) = delete;

  bool send(ByteView message) override;
  void flush() override { pipe_.flush(); }
  std::size_t backlog_bytes() const override { return waiting_bytes_ + pipe_.backlog_bytes(); }
  std::size_t max_message_bytes() const override { return pipe_.max_message_bytes(); }
  void pause_reading(bool paused) override { pipe_.pause_reading(paused); }
  void close(PipeEnd end) override { pipe_.close(end); }

 private:
  friend class RateLimit;
  bool waits() const { return !waiting_.empty(); }
  // The size of what went.
  std::size_t let_one_go();

  MessagePipe& pipe_;
  RateLimit& limit_;
  Ring<Bytes> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace footbridge::core
