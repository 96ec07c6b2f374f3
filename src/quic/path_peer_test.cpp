// A client that holds the keys and breaks the rules: QUIC libraries of other make, or somebody probing the egress.
// It speaks ngtcp2 directly, so that it can ask for what our Connection never asks.
#include <gtest/gtest.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "quic/library_time.hpp"
#include "quic/ngtcp2_glue.hpp"
#include "quic/test_world.hpp"
#include "quic/tls_session.hpp"

namespace footbridge::quic {
namespace {

class RawClient {
 public:
  explicit RawClient(TestWorld& world, const ngtcp2_transport_params& params)
      : world_(world), tls_(TlsSession::client(world.identity.pin(), kAlpn)) {
    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = to_library(world.now);
    settings.rand_ctx.native_handle = &world.client.rng;
    ngtcp2_cid destination;
    const auto id = world.client.rng.bytes(16);
    ngtcp2_cid_init(&destination, as_u8(ByteView(id)), id.size());
    const ngtcp2_cid none{};
    const auto callbacks = callbacks_of_a_client();
    EXPECT_EQ(ngtcp2_conn_client_new(&conn_, &destination, &none, &Ngtcp2Glue::path(), NGTCP2_PROTO_VER_V1, &callbacks,
                                     &settings, &params, nullptr, this),
              0);
    tls_->attach(conn_);
  }
  ~RawClient() { ngtcp2_conn_del(conn_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends all it can, gives the egress the rest of the round trip, and reads what came back.
  void turn() {
    std::array<std::uint8_t, 1500> packet{};
    for (;;) {
      const auto written = ngtcp2_conn_write_pkt(conn_, nullptr, nullptr, packet.data(), packet.size(), stamp());
      if (written <= 0) break;
      const auto message = as_bytes(packet.data(), static_cast<std::size_t>(written));
      world_.egress.path->on_messages(world_.now, {&message, 1});
    }
    world_.now += Millis{100};
    if (const auto at = world_.egress.path->deadline(); at && *at <= world_.now)
      world_.egress.path->on_deadline(world_.now);
    for (; read_ < world_.egress.sent.size(); ++read_) {
      const auto& message = world_.egress.sent[read_];
      if (!core::is_packet(message)) continue;
      const ngtcp2_pkt_info info{};
      error_ =
          ngtcp2_conn_read_pkt(conn_, &Ngtcp2Glue::path(), &info, as_u8(ByteView(message)), message.size(), stamp());
      if (error_ != 0) return;
    }
  }
  std::uint64_t stamp() const { return to_library(world_.now); }
  ngtcp2_conn* conn() { return conn_; }
  int error() const { return error_; }

 private:
  static ngtcp2_callbacks callbacks_of_a_client() {
    auto set = Ngtcp2Glue::callbacks();
    // Those that expect a Connection behind them.
    set.handshake_completed = nullptr;
    set.handshake_confirmed = nullptr;
    set.stream_open = nullptr;
    set.recv_stream_data = nullptr;
    set.acked_stream_data_offset = nullptr;
    set.extend_max_stream_data = nullptr;
    set.stream_reset = nullptr;
    set.stream_stop_sending = nullptr;
    set.recv_datagram = nullptr;
    set.ack_datagram = nullptr;
    set.lost_datagram = nullptr;
    return set;
  }
  TestWorld& world_;
  std::unique_ptr<TlsSession> tls_;
  ngtcp2_conn* conn_ = nullptr;
  std::size_t read_ = 0;
  int error_ = 0;
};

// An egress alone; its pipe leads to the test.
void open_egress(TestWorld& world) {
  world.fault = [](const TestEnd&, Bytes&) { return true; };
  world.egress.path = std::make_unique<Path>(ServerConfig{world.identity, {}}, PathOptions{}, world.egress.rng,
                                             world.egress, world.egress);
  world.egress.path->attach(world.egress);
  world.egress.path->on_open(world.now);
}

TEST(PathPeer, OfAnotherMakeButWithinTheRulesIsServed) {
  TestWorld world;
  open_egress(world);
  RawClient client(world, Ngtcp2Glue::transport_params(true));
  for (int i = 0; i < 5; ++i) client.turn();
  EXPECT_TRUE(world.egress.established_at.has_value());
  EXPECT_EQ(world.egress.closed_times, 0);
}

void expect_profile_refusal(TestWorld& world, RawClient& client) {
  for (int i = 0; i < 5; ++i) client.turn();
  EXPECT_FALSE(world.egress.established_at.has_value());
  EXPECT_EQ(world.egress.end.quic, (CloseInfo{CloseBy::Us, CloseKind::Profile, kCloseProfile}));
  EXPECT_EQ(world.egress.closed_times, 1);
}

TEST(PathPeer, WhoWouldClearThePacketBitIsRefused) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {  // the library clears it for every second connection
    TestWorld world(seed);
    open_egress(world);
    auto params = Ngtcp2Glue::transport_params(true);
    params.grease_quic_bit = 1;
    RawClient client(world, params);
    expect_profile_refusal(world, client);
    EXPECT_EQ(world.egress.path->counters().fillers_out + world.egress.path->counters().packets_out,
              world.egress.sent.size());
    std::size_t packets = 0;
    for (const auto& message : world.egress.sent) packets += core::is_packet(message) ? 1U : 0U;
    EXPECT_EQ(packets, world.egress.path->counters().packets_out) << "a packet without the bit went out";
  }
}

TEST(PathPeer, WhoTakesNoDatagramsIsRefused) {
  for (const std::uint64_t frame_bytes : {0U, 100U, 1000U}) {
    TestWorld world;
    open_egress(world);
    auto params = Ngtcp2Glue::transport_params(true);
    params.max_datagram_frame_size = frame_bytes;
    RawClient client(world, params);
    expect_profile_refusal(world, client);
  }
}

TEST(PathPeer, WhoTakesSmallDatagramsGetsSmallOnes) {
  TestWorld world;
  open_egress(world);
  auto params = Ngtcp2Glue::transport_params(true);
  params.max_udp_payload_size = 2000;
  RawClient client(world, params);
  for (int i = 0; i < 4; ++i) client.turn();
  world.egress.to_send = 50;
  world.egress.path->wake(world.now);
  for (int i = 0; i < 20; ++i) client.turn();
  EXPECT_EQ(world.egress.to_send, 0U);
  EXPECT_EQ(world.egress.closed_times, 0);
  for (const auto& message : world.egress.sent) EXPECT_LE(message.size(), core::kMaxStretchedBytes);
}

TEST(PathPeer, WhoResetsTheControlStreamEndsThePath) {
  TestWorld world;
  open_egress(world);
  RawClient client(world, Ngtcp2Glue::transport_params(true));
  for (int i = 0; i < 4; ++i) client.turn();
  ASSERT_TRUE(world.egress.established_at.has_value());
  std::int64_t stream = -1;
  ASSERT_EQ(ngtcp2_conn_open_bidi_stream(client.conn(), &stream, nullptr), 0);
  ASSERT_EQ(ngtcp2_conn_shutdown_stream(client.conn(), 0, stream, 7), 0);
  for (int i = 0; i < 4; ++i) client.turn();
  EXPECT_EQ(world.egress.end.quic, (CloseInfo{CloseBy::Us, CloseKind::Profile, kCloseControl}));
  EXPECT_EQ(client.error(), NGTCP2_ERR_DRAINING) << "it is told why";
}

TEST(PathPeer, MayOpenOneStreamAndNoOther) {
  TestWorld world;
  open_egress(world);
  RawClient client(world, Ngtcp2Glue::transport_params(true));
  for (int i = 0; i < 4; ++i) client.turn();
  std::int64_t stream = -1;
  EXPECT_EQ(ngtcp2_conn_open_bidi_stream(client.conn(), &stream, nullptr), 0);
  EXPECT_EQ(stream, 0);
  EXPECT_EQ(ngtcp2_conn_open_bidi_stream(client.conn(), &stream, nullptr), NGTCP2_ERR_STREAM_ID_BLOCKED);
  EXPECT_EQ(ngtcp2_conn_open_uni_stream(client.conn(), &stream, nullptr), NGTCP2_ERR_STREAM_ID_BLOCKED);
}

}  // namespace
}  // namespace footbridge::quic
