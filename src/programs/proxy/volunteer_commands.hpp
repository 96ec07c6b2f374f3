// VolunteerCommands: what a person's own switch or schedule changes while a volunteer runs, over the admin socket with
// --control: POST /slots?count=N, and POST /limits with what limit_change.hpp says. A reload puts back what the file
// says. Threads: the I/O thread.
#pragma once

#include "programs/proxy/lending.hpp"
#include "programs/service.hpp"

namespace footbridge::proxy {

class VolunteerCommands {
 public:
  // Of the admin listener; the object outlives it. Without `control` there are none.
  AdminCommands table(bool control);
  // Who is spoken to; null: nobody yet, or nobody any more.
  void serve(Lending* lending) { lending_ = lending; }

 private:
  ops::AdminReply change_slots(std::string_view query);
  ops::AdminReply change_limits(std::string_view query);

  Lending* lending_ = nullptr;
};

}  // namespace footbridge::proxy
