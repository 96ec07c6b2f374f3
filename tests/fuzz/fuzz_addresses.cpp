// Texts that mean an address, a name or bytes: each reading has one writing, and no text is a name to us and an address
// to somebody else (threat T4).
#include <arpa/inet.h>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/address.hpp"
#include "base/assert.hpp"
#include "base/encoding.hpp"
#include "core/egress/port_policy.hpp"
#include "core/egress/target_policy.hpp"
#include "observe/level.hpp"
#include "programs/client/destination.hpp"

namespace {

using namespace footbridge;

void check_addresses(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) FB_ASSERT(IpAddress::parse(address->to_text()) == address);
  if (const auto endpoint = Endpoint::parse(text)) FB_ASSERT(Endpoint::parse(endpoint->to_text()) == endpoint);
  if (const auto prefix = Prefix::parse(text)) FB_ASSERT(prefix->contains(prefix->network));
}

void check_bytes(std::string_view text) {
  if (const auto bytes = parse_hex(text)) FB_ASSERT(encode_hex(*bytes).size() == text.size());
  if (const auto bytes = parse_base64url(text)) FB_ASSERT(encode_base64url(*bytes) == text);
}

// What the C library would take for an address, in any of its old spellings.
bool libc_reads_address(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  return ::inet_aton(text.c_str(), &v4) != 0 || ::inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

void check_target(std::string_view text) {
  const auto target = core::parse_target(text);
  if (!target) return;
  if (const auto* const host = std::get_if<core::HostName>(&*target)) {
    const auto& name = host->reveal_to_socket();
    FB_ASSERT(!libc_reads_address(name) && name.size() <= core::kMaxHostBytes);
    const auto again = core::parse_target(name);
    FB_ASSERT(again.ok() && std::get<core::HostName>(*again) == *host);
  }
}

void check_authority(std::string_view text) {
  const auto destination = client::parse_authority(text, 80);
  if (!destination) return;
  FB_ASSERT(destination->port != 0);
  const auto again = client::parse_authority(client::authority_text(*destination, 80), 80);
  FB_ASSERT(again == destination);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(as_bytes(data, size));
  check_addresses(text);
  check_bytes(text);
  check_target(text);
  check_authority(text);
  if (const auto policy = core::PortPolicy::custom(text)) FB_ASSERT(!policy->allows(0) && !policy->allows(25));
  static_cast<void>(observe::parse_level(text));
  return 0;
}
