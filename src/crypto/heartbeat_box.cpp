#include "crypto/heartbeat_box.hpp"

#include <span>
#include <string_view>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "crypto/nonce_box.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kLengthBytes = 2;

// The label of the direction, then the ids: every label has the same length, so that no two of these are alike.
Bytes associated(HeartbeatBox what, ByteView names) {
  const std::string_view label = what == HeartbeatBox::Report ? "footbridge heartbeat >" : "footbridge heartbeat <";
  auto out = to_bytes(as_bytes(label));
  append(out, names);
  return out;
}

}  // namespace

Bytes seal_heartbeat(HeartbeatBox what, ByteView names, ByteView message, const SecretKey& key, Rng& rng) {
  Bytes plain;
  FB_ASSERT(message.size() <= UINT16_MAX);
  ByteWriter(plain).u16(static_cast<std::uint16_t>(message.size())).bytes(message);
  plain.resize((plain.size() + kHeartbeatPadBytes - 1) / kHeartbeatPadBytes * kHeartbeatPadBytes);
  auto out = seal_nonce_box(key, plain, associated(what, names), rng);
  FB_ASSERT(out.size() <= wire::kMaxHeartbeatBytes);
  return out;
}

std::optional<Bytes> open_heartbeat(HeartbeatBox what, ByteView names, ByteView sealed, const SecretKey& key) {
  if (sealed.size() > wire::kMaxHeartbeatBytes) return std::nullopt;
  const auto plain = open_nonce_box(std::span(&key, 1), sealed, associated(what, names));
  if (!plain || plain->size() < kLengthBytes) return std::nullopt;
  ByteReader reader(*plain);
  const auto length = *reader.u16();
  const auto message = reader.bytes(length);
  if (!message) return std::nullopt;
  return to_bytes(*message);
}

}  // namespace footbridge::crypto
