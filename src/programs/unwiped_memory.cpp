// Of builds with sanitizers.
#include "programs/wiped_memory.hpp"

namespace footbridge {

void wipe_freed_memory() {}

}  // namespace footbridge
