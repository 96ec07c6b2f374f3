#include "programs/broker_ways.hpp"

#include <utility>

#include "ops/errors.hpp"

namespace footbridge {
namespace {

wire::Url parsed(std::string_view option, const std::string& text) {
  auto url = wire::parse_url(text);
  if (!url) throw ops::UsageError(std::string(option) + ": " + std::string(name(url.error())));
  return std::move(url).value();
}

}  // namespace

std::vector<http::Route> broker_ways(const WayOptions& options) {
  std::vector<http::Route> out;
  for (const auto& broker : options.broker) {
    const auto url = parsed("--broker", broker.reveal_to_socket().text);
    if (options.front.empty()) out.emplace_back(url);
    for (const auto& front : options.front) {
      const auto through = parsed("--front", "https://" + front.reveal_to_socket() + "/");
      out.emplace_back(url, http::Place{through.host, through.port, true});
    }
  }
  return out;
}

io::TlsClient broker_trust(const WayOptions& options) {
  try {
    return io::TlsClient(options.broker_ca ? std::optional(options.broker_ca->path) : std::nullopt);
  } catch (const io::TlsTrustError& error) {
    throw ops::UsageError("--broker-ca: " + std::string(options.broker_ca ? options.broker_ca->path : "the system") +
                          ": " + error.what());
  }
}

}  // namespace footbridge
