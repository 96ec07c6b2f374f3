// How often this process has asked for memory: every call of malloc and its kin, by our code, by the C++ library and by
// the C libraries below, on any thread. Linked into a benchmark it takes the place of the C library's own functions,
// which is why no sanitizer goes with it.
#pragma once

#include <cstdint>

namespace footbridge::bench {

std::uint64_t allocations();

}  // namespace footbridge::bench
