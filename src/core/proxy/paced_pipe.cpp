#include "core/proxy/paced_pipe.hpp"

namespace footbridge::core {

bool PacedPipe::send(ByteView message) {
  if (message.size() > pipe_.max_message_bytes()) return false;
  if (limit_.may_send_at_once()) {
    if (!pipe_.send(message)) return false;
    limit_.charge(message.size());
    return true;
  }
  if (!waits()) limit_.wait(*this);
  waiting_.push_back(to_bytes(message));
  waiting_bytes_ += message.size();
  return true;
}

std::size_t PacedPipe::let_one_go() {
  const auto message = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= message.size();
  return pipe_.send(message) ? message.size() : 0;  // refused: the pipe is over, and its stay soon
}

}  // namespace footbridge::core
