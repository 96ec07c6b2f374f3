// What the clock on this machine's wall shows, in the time zone of the machine (TZ, else /etc/localtime). Threads: any.
#pragma once

#include "core/limits/civil_time.hpp"

namespace footbridge::io {

core::CivilTime civil_now();

}  // namespace footbridge::io
