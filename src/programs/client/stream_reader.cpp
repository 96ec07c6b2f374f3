#include "programs/client/stream_reader.hpp"

#include <algorithm>

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
  const auto all = stream_.peek();
  const auto some = all.first(std::min(all.size(), kMaxReadAheadBytes - buffer_.size()));
  append(buffer_, some);
  stream_.consume(some.size());
  co_return Arrived::Bytes;
}

}  // namespace footbridge::client
