#include "programs/managed_command.hpp"

#include <cstdlib>

namespace footbridge {

void forget_service_manager() {
  for (const auto* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
                               "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM"})
    ::unsetenv(variable);
}

int wait_for_parent(const wire::PtRequest& request, int code) {
  RunLoop loop(SignalsFrom::Parent);
  const ParentWatch watch(loop.executor(), request.exit_on_stdin_close, [&] { loop.request_stop(); });
  loop.run(loop.stop_requested());
  return code;
}

}  // namespace footbridge
