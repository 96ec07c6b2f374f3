// RelayLeg: a pipe that waits for its user: made by a dial or at a door, and begun when there is somebody to tell.
// What implements it: transport/ws (TCP), transport/udp. Threads: as MessagePipe.
#pragma once

#include "core/pipe.hpp"

namespace footbridge::io {

class RelayLeg : public MessagePipe {
 public:
  // Begins, once. `events` outlives the leg; on_open comes in a later turn of the loop. Its user destroys the leg from
  // any turn that is not inside one of its events, or from on_messages.
  virtual void start(PipeEvents& events) = 0;
};

}  // namespace footbridge::io
