#include "programs/wiped_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <strings.h>

// The C library's own, below the names that a program may replace; whatever frees memory, the C++ library and OpenSSL
// among them, calls ours.
extern "C" void __libc_free(void* memory);
extern "C" void* __libc_realloc(void* memory, std::size_t bytes);

namespace {

bool wiping = false;

}  // namespace

extern "C" void free(void* memory) noexcept {
  // All that the allocator really gave, of which containers may have asked for less.
  if (wiping && memory != nullptr) ::explicit_bzero(memory, ::malloc_usable_size(memory));
  __libc_free(memory);
}

extern "C" void* realloc(void* memory, std::size_t bytes) noexcept {
  if (!wiping || memory == nullptr) return __libc_realloc(memory, bytes);
  void* const moved = bytes == 0 ? nullptr : std::malloc(bytes);
  if (moved == nullptr && bytes > 0) return nullptr;  // the old one stays, as realloc has it
  if (moved != nullptr) std::memcpy(moved, memory, std::min(bytes, ::malloc_usable_size(memory)));
  free(memory);
  return moved;
}

namespace footbridge {

void wipe_freed_memory() { wiping = true; }

}  // namespace footbridge
