// URLs: whatever is accepted says the same when it is written out and read again.
#include <cstdlib>
#include <string>

#include "wire/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = wire::parse_url(text);
  if (!url) return 0;
  const char* const schemes[] = {"http", "https", "ws", "wss"};
  const auto again = wire::parse_url(std::string(schemes[static_cast<unsigned>(url->scheme)]) + "://" +
                                     url->authority() + url->target.reveal_to_socket());
  if (!again || again->host != url->host || again->port != url->port || again->target != url->target) std::abort();
  return 0;
}
