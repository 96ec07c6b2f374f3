#include "transport/webrtc/native_records.hpp"

#include <cstring>

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
  out.resize(is_probe ? kMaxNativeMessageBytes
                      : static_cast<std::size_t>(rng.between(kNativeTagBytes, kMaxShortNativeBytes)));
  return out;
}

std::optional<NativeRecord> NativeTags::kind_of(ByteView record) const {
  if (record.size() < kNativeTagBytes) return std::nullopt;
  for (std::size_t i = 0; i < kNativeRecords; ++i)
    if (std::memcmp(record.data(), tag(i).data(), kNativeTagBytes) == 0) return static_cast<NativeRecord>(i);
  return std::nullopt;
}

}  // namespace footbridge::webrtc
