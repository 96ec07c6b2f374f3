#include "programs/parent_watch.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace footbridge {

ParentWatch::ParentWatch(asio::any_io_executor executor, bool exit_on_stdin_close, std::function<void()> on_gone,
                         int input)
    : on_gone_(std::move(on_gone)), input_(executor), process_(executor) {
  watch_process();
  if (!exit_on_stdin_close) return;
  io::error_code error;
  input_.assign(::dup(input), error);
  await_input();
}

ParentWatch::~ParentWatch() = default;

void ParentWatch::watch_process() {
  const auto parent = ::getppid();
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, parent, 0));
  if (descriptor < 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    return;
  }
  process_.assign(descriptor);
  ::prctl(PR_SET_PDEATHSIG, 0);  // tor sets it for us: its second SIGTERM would come in the middle of our goodbye
  process_.async_wait(asio::posix::stream_descriptor::wait_read, [this](io::error_code error) {
    if (error != asio::error::operation_aborted) gone();
  });
  // One that ended before we looked has left us to another process, which is the one we watch now.
  if (::getppid() != parent) asio::post(process_.get_executor(), [this] { gone(); });
}

void ParentWatch::await_input() {
  input_.async_wait(asio::posix::stream_descriptor::wait_read, [this](io::error_code error) {
    if (error == asio::error::operation_aborted) return;
    std::array<char, 4096> unread;
    const auto count = error ? 0 : ::read(input_.native_handle(), unread.data(), unread.size());
    const bool alive = count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
    if (alive) return await_input();
    gone();
  });
}

void ParentWatch::gone() {
  if (const auto tell = std::exchange(on_gone_, nullptr)) tell();
}

}  // namespace footbridge
