// What comes to the client's local port as HTTP: judging and rewriting never crash, nothing that came in a head ends or
// splits the head that goes out, and a request without our secret never gets the PAC file.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "programs/client/http_head_rewrite.hpp"
#include "programs/client/local_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  using namespace footbridge::client;
  static const Endpoint listener{IpAddress::v4(0x7f000001), 1080};
  static SeededRng rng(1);
  static const PacFile pac(listener, rng);
  RequestParser parser;
  prepare(parser);
  io::error_code error;
  parser.put(asio::buffer(data, size), error);
  if (error || !parser.is_header_done()) return 0;
  const auto request = judge(parser.get(), pac, listener);
  FB_ASSERT(request.kind != RequestKind::Pac ||
            as_text(as_bytes(data, size)).find(pac.path()) != std::string_view::npos);
  if (request.kind != RequestKind::Fetch) return 0;
  const auto head = rewrite_request(parser.get(), request);
  RequestParser again;
  prepare(again);
  FB_ASSERT(again.put(asio::buffer(head), error) == head.size() && !error && again.is_header_done());
  FB_ASSERT(again.get().target() == request.target && again.content_length() == parser.content_length());
  FB_ASSERT(again.chunked() == parser.chunked() && again.get().count(beast_http::field::host) == 1);
  return 0;
}
