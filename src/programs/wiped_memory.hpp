// Memory that is wiped when it is freed (threats T8, T20): who takes a running broker away, or reads its memory, finds
// those who are asking now and nobody who asked before. Addresses and descriptions pass through many hands on their way
// (buffers of sockets, texts, frames of coroutines, OpenSSL's records), and what a hand leaves behind would otherwise
// stay in freed memory until chance writes over it, for days in a quiet night.
//
// What remains: the last few frames that the library keeps for reuse, and stacks, until the next requests.
// Costs: writing what is freed once more, most of which is in the processor's cache.
#pragma once

namespace footbridge {

// From now on, for the whole process; called once, before there are threads. Builds with
// sanitizers do nothing: those watch freed memory themselves.
void wipe_freed_memory();

}  // namespace footbridge
