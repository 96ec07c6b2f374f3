// Website: the small site that the demo fetches: a page and a file of any size, whose bytes are known beforehand.
// Bounds: requests ≤ 8 KiB in 10 s. Ownership: run() ends on cancellation. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "io/asio.hpp"
#include "io/listener.hpp"

namespace footbridge::demo {

// The file's bytes: a repeated block of noise, so that nothing on the way could compress it.
class FileContent {
 public:
  explicit FileContent(std::uint64_t bytes);
  std::uint64_t bytes() const { return bytes_; }
  ByteView at(std::uint64_t offset, std::size_t most) const;  // at most `most` bytes, fewer at the block's end
  // Takes seconds for gigabytes, and lets other work and a cancellation in between.
  asio::awaitable<std::string> sha256_hex() const;

 private:
  std::uint64_t bytes_;
  Bytes block_;
};

class Website {
 public:
  Website(asio::any_io_executor executor, const FileContent& file);
  std::uint16_t port() const { return listener_.local().port; }
  asio::awaitable<void> run();

 private:
  asio::awaitable<void> serve(io::Accepted accepted);
  asio::awaitable<bool> answer(io::tcp::socket& socket, std::string_view request);

  const FileContent& file_;
  io::Listener listener_;
};

}  // namespace footbridge::demo
