#include "programs/managed_command.hpp"

namespace footbridge {

int wait_for_parent(const wire::PtRequest& request, int code) {
  RunLoop loop;
  const ParentWatch watch(loop.executor(), request.exit_on_stdin_close, [&] { loop.request_stop(); });
  loop.run(loop.stop_requested());
  return code;
}

}  // namespace footbridge
