// How HTTP/1.1 messages are read here: Beast finds the head and the end of the body, and keeps none of the body. What
// it has measured is forwarded byte for byte, so bodies of any length pass in pieces and chunks stay as they were cut.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional/optional.hpp>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "io/asio.hpp"

namespace footbridge::client {

namespace beast_http = boost::beast::http;

// Four times what browsers send with their largest cookies, and what common servers accept.
inline constexpr std::uint32_t kMaxHttpHeadBytes = 64 * 1024;

// A Beast body that only counts.
struct MeasuredBody {
  struct value_type {};
  class reader {
   public:
    template <bool kIsRequest, class Fields>
    reader(beast_http::header<kIsRequest, Fields>&, value_type&) {}
    void init(const boost::optional<std::uint64_t>&, io::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, io::error_code& error) {
      error = {};
      return asio::buffer_size(buffers);
    }
    void finish(io::error_code& error) { error = {}; }
  };
};

using RequestHead = beast_http::request_header<>;
using ResponseHead = beast_http::response_header<>;
using RequestParser = beast_http::request_parser<MeasuredBody>;
using ResponseParser = beast_http::response_parser<MeasuredBody>;

template <class Parser>
void prepare(Parser& parser) {
  parser.header_limit(kMaxHttpHeadBytes);
  parser.body_limit(boost::none);
  parser.eager(false);  // stop after the head; http_transfer.hpp turns it on for the body
}

inline asio::const_buffer as_buffer(ByteView bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace footbridge::client
