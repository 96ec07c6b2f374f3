// What core.wasm would otherwise take from the C and C++ libraries at many times its size: their last words, which
// bring files and formats with them, their allocator, and the copying of memory, which is one instruction of
// WebAssembly.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "base/assert.hpp"
#include "web/small_heap.hpp"

extern "C" [[noreturn]] void abort_message(const char* format, ...) {
  footbridge::assertion_failed(format, "libc++abi", 0);
}

[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) {
  footbridge::assertion_failed(format, "libc++", 0);
}

namespace {

std::byte* more_pages(std::size_t bytes) {
  constexpr auto kPageBytes = footbridge::web::SmallHeap::kPageBytes;
  const auto before = __builtin_wasm_memory_grow(0, bytes / kPageBytes);
  return before == SIZE_MAX ? nullptr : reinterpret_cast<std::byte*>(before * kPageBytes);
}

constinit footbridge::web::SmallHeap heap(more_pages);

}  // namespace

void* operator new(std::size_t bytes) {
  auto* const out = heap.take(bytes);
  FB_ASSERT(out != nullptr);
  return out;
}
void operator delete(void* bytes) noexcept { heap.give_back(bytes); }

// The built-ins become memory.copy and memory.fill, not calls of these functions.
extern "C" void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
  return __builtin_memcpy(to, from, count);
}
extern "C" void* memmove(void* to, const void* from, std::size_t count) { return __builtin_memmove(to, from, count); }
extern "C" void* memset(void* to, int value, std::size_t count) { return __builtin_memset(to, value, count); }
