// ParentWatch: a managed transport ends with the program that started it. Calls on_gone, once, when that process has
// ended, or when it closes our standard input and has said that this means goodbye.
//
// The parent is watched through a process descriptor. The signal that the kernel can send on a parent's death
// (PR_SET_PDEATHSIG), which tor asks for when it starts us, is only kept where those are missing: it comes when the
// *thread* that started us ends, and parents with many threads, Go programs for instance, end threads all the time.
// Bounds: keeps nothing of what arrives on standard input. Ownership: `on_gone` outlives it; destroyed after the loop
// has run to its end, and before the loop. Threads: the executor's one thread.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

#include "io/asio.hpp"

namespace footbridge {

class ParentWatch {
 public:
  // exit_on_stdin_close: an end of `input` means goodbye. What cannot be waited for (/dev/null, a file) is at its end.
  ParentWatch(asio::any_io_executor executor, bool exit_on_stdin_close, std::function<void()> on_gone, int input = 0);
  ~ParentWatch();
  ParentWatch(const ParentWatch&) = delete;
  ParentWatch& operator=(const ParentWatch&) = delete;

 private:
  void watch_process();
  void await_input();
  void gone();

  std::function<void()> on_gone_;
  asio::posix::stream_descriptor input_;
  asio::posix::stream_descriptor process_;
};

}  // namespace footbridge
