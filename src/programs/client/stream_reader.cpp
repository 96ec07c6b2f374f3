#include "programs/client/stream_reader.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/session/page.hpp"

namespace footbridge::client {

void StreamReader::consume(std::size_t count) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
}

asio::awaitable<Arrived> StreamReader::fill() {
  if (buffer_.size() >= kMaxReadAheadBytes) co_return Arrived::Full;
  switch (co_await stream_.readable()) {
    case io::SessionStream::Arrival::End: co_return Arrived::End;
    case io::SessionStream::Arrival::Reset: co_return Arrived::Broken;
    case io::SessionStream::Arrival::Bytes: break;
  }
  std::array<ByteView, kMaxReadAheadBytes / core::kPageBytes> pages;
  std::size_t taken = 0;
  for (const auto page : std::span(pages).first(stream_.peek(pages))) {
    const auto some = page.first(std::min(page.size(), kMaxReadAheadBytes - buffer_.size()));
    append(buffer_, some);
    taken += some.size();
  }
  stream_.consume(taken);
  co_return Arrived::Bytes;
}

}  // namespace footbridge::client
