// A website's answer on its way to an application, in pieces: the head is rewritten without letting anything in that
// could end it early, and of the body exactly what belongs to the message is forwarded.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "deeds.hpp"
#include "programs/client/http_head_rewrite.hpp"
#include "programs/client/http_transfer.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::client;

// Gives the input in pieces, as a stream's reader would.
class Source {
 public:
  explicit Source(fuzz::Deeds& deeds) : deeds_(deeds) {}
  ByteView buffered() const { return buffer_; }
  void consume(std::size_t count) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<long>(count));
    consumed += count;
  }
  asio::awaitable<Arrived> fill() {
    if (deeds_.empty()) co_return Arrived::End;
    if (buffer_.size() >= kMaxReadAheadBytes) co_return Arrived::Full;
    append(buffer_, deeds_.bytes(1 + deeds_.byte() * 4));
    co_return Arrived::Bytes;
  }
  std::size_t consumed = 0;

 private:
  fuzz::Deeds& deeds_;
  Bytes buffer_;
};

struct Sink {
  asio::awaitable<bool> write(ByteView bytes) {
    taken += bytes.size();
    co_return true;
  }
  std::size_t taken = 0;
};

asio::awaitable<void> pass_on(fuzz::Deeds deeds) {
  Source source(deeds);
  Sink sink;
  ResponseParser answer;
  prepare(answer);
  answer.skip(deeds.one_in(8));
  if (co_await read_head(answer, source) != HeadRead::Whole) co_return;
  FB_ASSERT(source.consumed <= kMaxReadAheadBytes);
  if (answer.get().result_int() < 100) co_return;  // HttpFetch refuses it
  const auto head = rewrite_response(answer.get(), deeds.one_in(2));
  FB_ASSERT(head.find("\r\n\r\n") == head.size() - 4);
  ResponseParser again;
  prepare(again);
  io::error_code error;
  again.put(asio::buffer(head), error);
  FB_ASSERT(again.is_header_done() && again.get().result_int() == answer.get().result_int());
  FB_ASSERT(again.chunked() == answer.chunked());
  const auto before = source.consumed;
  const auto end = co_await forward_body(answer, source, sink, [] {});
  FB_ASSERT(sink.taken == source.consumed - before);
  if (end == BodyEnd::Complete && !answer.chunked() && !answer.need_eof() && answer.content_length())
    FB_ASSERT(sink.taken <= *answer.content_length());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  asio::io_context context(1);
  fuzz::Deeds deeds(as_bytes(data, size));
  asio::co_spawn(context, pass_on(deeds), [](std::exception_ptr error) { FB_ASSERT(!error); });
  context.run();
  return 0;
}
