#include "transport/webrtc/native_records.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-footbridge-native-link";

}  // namespace

std::optional<NativeTags> NativeTags::of(Dtls& dtls) {
  std::array<std::byte, kNativeRecords * kNativeTagBytes> secret{};
  if (!dtls.export_secret(kExporterLabel, secret)) return std::nullopt;
  return NativeTags(secret);
}

Bytes NativeTags::make(NativeRecord kind, Rng& rng) const {
  Bytes out = to_bytes(tag(static_cast<std::size_t>(kind)));
  const bool is_probe = kind == NativeRecord::Propose || kind == NativeRecord::Accept;
  out.resize(static_cast<std::size_t>(is_probe ? rng.between(kMinProbeBytes, kMaxProbeBytes)
                                               : rng.between(kNativeTagBytes, kMaxShortNativeBytes)));
  return out;
}

Bytes NativeTags::pad(ByteView message, Rng& rng) const {
  FB_ASSERT(message.size() <= kMaxNativeMessageBytes);
  Bytes out = to_bytes(tag(static_cast<std::size_t>(NativeRecord::Padded)));
  out.push_back(static_cast<std::byte>(message.size() >> 8));
  out.push_back(static_cast<std::byte>(message.size()));
  append(out, message);
  // No longer than what PROPOSE and ACCEPT have proved.
  const auto most = std::min(out.size() + kMaxPaddingBytes, kMinProbeBytes);
  out.resize(static_cast<std::size_t>(rng.between(out.size(), most)));
  return out;
}

ByteView NativeTags::message_of(ByteView record) const {
  if (kind_of(record) != NativeRecord::Padded) return record;
  if (record.size() < kPaddedHeadBytes) return {};
  const auto bytes = std::to_integer<std::size_t>(record[kNativeTagBytes]) << 8 |
                     std::to_integer<std::size_t>(record[kNativeTagBytes + 1]);
  const auto rest = record.subspan(kPaddedHeadBytes);
  return bytes <= rest.size() ? rest.first(bytes) : ByteView{};
}

std::optional<NativeRecord> NativeTags::kind_of(ByteView record) const {
  if (record.size() < kNativeTagBytes) return std::nullopt;
  for (std::size_t i = 0; i < kNativeRecords; ++i)
    if (std::memcmp(record.data(), tag(i).data(), kNativeTagBytes) == 0) return static_cast<NativeRecord>(i);
  return std::nullopt;
}

}  // namespace footbridge::webrtc
