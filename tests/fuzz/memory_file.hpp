// A file that exists in memory only, for parsers that want a name: readable by its owner alone, as key files must be.
#pragma once

#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace footbridge::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(ByteView contents) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    FB_ASSERT(descriptor_ >= 0 && ::fchmod(descriptor_, 0600) == 0);
    FB_ASSERT(::write(descriptor_, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()));
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace footbridge::fuzz
