// One line to a descriptor that somebody else reads: written whole, or not at all, and never waiting longer than said.
// A reader that is slow or gone, a full disk or a closed descriptor costs the line, never the program. (A process that
// shares our pipe can fill it between poll(2) and write(2); then this one line waits for the reader.) Bounds: the
// caller's line is at most PIPE_BUF bytes, or a pipe could tear it. Threads: any; SIGPIPE is ignored.
#pragma once

#include <string_view>

#include "base/time.hpp"

namespace footbridge::observe {

// False: it was not written.
bool write_at_once(int to, std::string_view line, Millis limit = Millis{0});

}  // namespace footbridge::observe
