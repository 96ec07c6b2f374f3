// URLs of proxies: whatever is accepted says the same when it is written out and read again.
#include <cstdlib>

#include "wire/proxy_url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const auto url = wire::parse_proxy_url({reinterpret_cast<const char*>(data), size});
  if (!url) return 0;
  const auto again = wire::parse_proxy_url(wire::encode_proxy_url(*url).reveal_to_socket());
  if (!again || *again != *url) std::abort();
  return 0;
}
