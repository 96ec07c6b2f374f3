#include "observe/write_at_once.hpp"

#include <cerrno>
#include <climits>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace footbridge::observe {

bool write_at_once(int to, std::string_view line, Millis limit) {
  FB_ASSERT(line.size() <= PIPE_BUF);
  pollfd waiting{to, POLLOUT, 0};
  int ready = 0;
  do ready = ::poll(&waiting, 1, static_cast<int>(limit.count()));
  while (ready < 0 && errno == EINTR);
  if (ready != 1 || (waiting.revents & POLLOUT) == 0) return false;
  // Some parents and service managers use sockets, which can be writable and still have no room for all of it.
  auto sent = ::send(to, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) sent = ::write(to, line.data(), line.size());
  return sent == static_cast<ssize_t>(line.size());
}

}  // namespace footbridge::observe
