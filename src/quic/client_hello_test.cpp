// What anybody on the way can read of a path: QUIC's first packets are encrypted under keys that follow from their own
// connection ID. This opens them as an eavesdropper does, and looks at the client's words to TLS.
#include <gtest/gtest.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "base/byte_reader.hpp"
#include "quic/library_time.hpp"
#include "quic/ngtcp2_glue.hpp"
#include "quic/test_world.hpp"

namespace footbridge::quic {
namespace {

constexpr std::uint16_t kServerName = 0;                   // RFC 6066 §3
constexpr std::uint16_t kApplicationProtocol = 16;         // RFC 7301 §3.1
constexpr std::uint16_t kEncryptedClientHello = 0xfe0d;    // none is sent: nothing here to hide
constexpr std::uint16_t kPreSharedKey = 41, kTicket = 35;  // would connect one path to another

// Stands where a server would and writes down the handshake's bytes instead of answering.
class Eavesdropper {
 public:
  ~Eavesdropper() { ngtcp2_conn_del(conn_); }
  void hear(TimePoint now, ByteView packet) {
    if (conn_ == nullptr && !begin(now, packet)) return;
    const ngtcp2_pkt_info info{};
    static_cast<void>(
        ngtcp2_conn_read_pkt(conn_, &Ngtcp2Glue::path(), &info, as_u8(packet), packet.size(), to_library(now)));
  }
  const Bytes& handshake() const { return handshake_; }

 private:
  bool begin(TimePoint now, ByteView packet) {
    ngtcp2_pkt_hd head;
    if (ngtcp2_accept(&head, as_u8(packet), packet.size()) != 0) return false;
    auto callbacks = Ngtcp2Glue::callbacks();
    callbacks.recv_crypto_data = [](ngtcp2_conn*, ngtcp2_encryption_level, uint64_t, const uint8_t* data, size_t bytes,
                                    void* self) {
      append(static_cast<Eavesdropper*>(self)->handshake_, as_bytes(data, bytes));
      return 0;
    };
    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = to_library(now);
    settings.rand_ctx.native_handle = &rng_;
    auto params = Ngtcp2Glue::transport_params(false);
    params.original_dcid = head.dcid;
    params.original_dcid_present = 1;
    const ngtcp2_cid none{};
    return ngtcp2_conn_server_new(&conn_, &head.scid, &none, &Ngtcp2Glue::path(), head.version, &callbacks, &settings,
                                  &params, nullptr, this) == 0;
  }
  SeededRng rng_{1};
  ngtcp2_conn* conn_ = nullptr;
  Bytes handshake_;
};

// The kinds of the ClientHello's extensions, in order.
std::vector<std::uint16_t> extensions_of(ByteView hello) {
  ByteReader in(hello);
  std::vector<std::uint16_t> out;
  const auto skip = [&](auto count) { return count && in.bytes(*count).has_value(); };
  // RFC 8446 §4.1.2: type and length, version, random, session id, suites, compression, extensions.
  if (!in.bytes(4 + 2 + 32) || !skip(in.u8()) || !skip(in.u16()) || !skip(in.u8()) || !in.u16()) return out;
  while (const auto kind = in.u16()) {
    out.push_back(*kind);
    if (!skip(in.u16())) break;
  }
  return out;
}

TEST(ClientHello, NamesNoServer) {
  TestWorld world;
  world.open();
  Eavesdropper eavesdropper;
  for (const auto& message : world.client.sent)
    if (core::is_packet(message)) eavesdropper.hear(world.now, message);
  const auto kinds = extensions_of(eavesdropper.handshake());
  const auto has = [&](std::uint16_t kind) { return std::ranges::find(kinds, kind) != kinds.end(); };
  ASSERT_TRUE(has(kApplicationProtocol)) << "the ClientHello could not be read";
  EXPECT_NE(as_text(eavesdropper.handshake()).find(kAlpn), std::string_view::npos);
  for (const auto kind : {kServerName, kEncryptedClientHello, kPreSharedKey, kTicket}) EXPECT_FALSE(has(kind)) << kind;
}

}  // namespace
}  // namespace footbridge::quic
