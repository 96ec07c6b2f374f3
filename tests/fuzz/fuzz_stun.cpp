// Datagrams on a link's port that look like STUN: as they come, and as the body of a message whose checksum is right,
// so that the attributes are reached. Then consent: a message of the other side that was changed on its way has no
// effect.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.hpp"
#include "deeds.hpp"
#include "transport/webrtc/consent.hpp"

namespace {

using namespace footbridge;

void check_parsed(ByteView message) {
  const auto parsed = wire::parse_stun(message);
  if (!parsed) return;
  FB_ASSERT(message.size() <= wire::kMaxStunBytes && wire::looks_like_stun(message));
  FB_ASSERT(parsed->mac_at < message.size() && parsed->mac.has_value() == (parsed->mac_at != 0));
  FB_ASSERT(parsed->username.size() <= message.size());
  if (parsed->mac) FB_ASSERT(!wire::stun_integrity_input(message, parsed->mac_at).empty());
}

Bytes with_right_checksum(fuzz::Deeds deeds) {
  wire::StunRequest request;
  const auto name = to_string(deeds.bytes(deeds.byte()));
  request.username = std::string_view(name).substr(0, 100);
  auto message = wire::encode_stun_request(request);
  for (auto changes = deeds.below(8); changes > 0 && message.size() > 20; --changes)
    message[20 + deeds.byte() % (message.size() - 20)] = static_cast<std::byte>(deeds.byte());
  const auto more = deeds.bytes(300);
  append(message, more.first(more.size() / 4 * 4));
  if (message.size() + 32 > wire::kMaxStunBytes) message.resize(wire::kMaxStunBytes - 36);
  wire::seal_stun(message, {});
  return message;
}

webrtc::ConsentTerms terms(bool ours) {
  const webrtc::IceCredentials a{Private(std::string("abcd")), Private(std::string("a-password-of-twenty-four"))};
  const webrtc::IceCredentials b{Private(std::string("efgh")), Private(std::string("b-password-of-twenty-four"))};
  return {ours ? a : b, ours ? b : a, ours, Private(*Endpoint::parse("192.0.2.1:1024"))};
}

void check_consent(fuzz::Deeds deeds) {
  SeededRng rng(1);
  TimePoint now{Seconds{1}};
  webrtc::Consent asker(terms(true), rng, now);
  webrtc::Consent asked(terms(false), rng, now);
  static_cast<void>(asked.on_message(now, deeds.bytes(deeds.byte())));
  now += webrtc::kConsentIntervalMax;
  const auto question = asker.poll(now);
  FB_ASSERT(question.has_value());
  auto changed = *question;
  while (!deeds.empty()) changed[deeds.byte() % changed.size()] ^= static_cast<std::byte>(deeds.byte());
  FB_ASSERT(asked.on_message(now, changed).has_value() == (changed == *question));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  check_parsed(input);
  check_parsed(with_right_checksum(fuzz::Deeds(input)));
  check_consent(fuzz::Deeds(input));
  return 0;
}
