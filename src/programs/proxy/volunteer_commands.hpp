// VolunteerCommands: what a person's own switch or schedule changes while a volunteer runs, over the admin socket with
// --control: POST /slots?count=N. Threads: the I/O thread.
#pragma once

#include "programs/proxy/limit_keeper.hpp"
#include "programs/service.hpp"

namespace footbridge::proxy {

class VolunteerCommands {
 public:
  // Of the admin listener; the object outlives it. Without `control` there are none.
  AdminCommands table(bool control);
  // Who is spoken to; null: nobody yet, or nobody any more.
  void serve(LimitKeeper* limits) { limits_ = limits; }

 private:
  ops::AdminReply change_slots(std::string_view query);

  LimitKeeper* limits_ = nullptr;
};

}  // namespace footbridge::proxy
