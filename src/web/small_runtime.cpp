// What core.wasm would otherwise take from the C and C++ libraries at many times its size: their last words, which
// bring files and formats with them, and the copying of memory, which is one instruction of WebAssembly.

#include <cstddef>
#include <cstring>
#include <new>

#include "base/assert.hpp"

extern "C" [[noreturn]] void abort_message(const char* format, ...) {
  footbridge::assertion_failed(format, "libc++abi", 0);
}

[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) {
  footbridge::assertion_failed(format, "libc++", 0);
}

// The built-ins become memory.copy and memory.fill, not calls of these functions.
extern "C" void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
  return __builtin_memcpy(to, from, count);
}
extern "C" void* memmove(void* to, const void* from, std::size_t count) { return __builtin_memmove(to, from, count); }
extern "C" void* memset(void* to, int value, std::size_t count) { return __builtin_memset(to, value, count); }
