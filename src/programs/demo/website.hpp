// Website: the small site that the demo fetches: a page, a file of any size, whose bytes are known beforehand, and its
// beginning as a part; beside them the guest's page.
// Bounds: requests ≤ 8 KiB in 10 s. Ownership: run() ends on cancellation. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "io/asio.hpp"
#include "io/listener.hpp"
#include "programs/demo/guest_page.hpp"

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

// Fetched again and again while a browser carries.
inline constexpr std::uint64_t kPartBytes = 2'000'000;

class Website {
 public:
  Website(asio::any_io_executor executor, const FileContent& file);
  std::uint16_t port() const { return listener_.local().port; }
  GuestPage& guest() { return guest_; }
  asio::awaitable<void> run();

 private:
  asio::awaitable<void> serve(io::Accepted accepted);
  asio::awaitable<bool> answer(io::tcp::socket& socket, std::string_view request);
  asio::awaitable<bool> send_file(io::tcp::socket& socket, std::uint64_t bytes);

  const FileContent& file_;
  GuestPage guest_;
  io::Listener listener_;
};

}  // namespace footbridge::demo
