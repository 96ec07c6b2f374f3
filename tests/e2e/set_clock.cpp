// libset_clock.so, for LD_PRELOAD in tests: sets a program's wall clock while it runs. The file named by
// $SET_CLOCK_FILE holds the seconds by which the clock is wrong, as text; it is read at every look at the clock.
// Steady clocks and timers stay the kernel's. (faketime shifts absolute timers, too, which no set clock does.)
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

std::time_t shift() {
  const char* path = std::getenv("SET_CLOCK_FILE");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[24] = {};
  const auto count = ::read(file, text, sizeof text - 1);
  ::close(file);
  return count > 0 ? std::strtol(text, nullptr, 10) : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, out));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += shift();
  return result;
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  out->tv_sec = at.tv_sec;
  out->tv_usec = at.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  if (out != nullptr) *out = at.tv_sec;
  return at.tv_sec;
}

}  // extern "C"
