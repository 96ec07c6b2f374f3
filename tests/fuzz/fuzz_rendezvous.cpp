// Rendezvous bodies from anybody: the parsers, and a broker that lives on. What is read must be written and read again
// to the same bytes, whatever it was.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/broker.hpp"
#include "wire/rendezvous.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page

void check_codec(ByteView in) {
  if (const auto request = wire::parse_request(in)) {
    const auto once = wire::encode_request(*request);
    const auto again = wire::parse_request(once);
    FB_ASSERT(again && wire::encode_request(*again) == once);
  }
  if (auto response = wire::parse_response(in)) {
    if (response->refusal == wire::Refusal::Unknown) response->refusal = wire::Refusal::Busy;
    const auto once = wire::encode_response(*response);
    const auto again = wire::parse_response(once);
    FB_ASSERT(again && wire::encode_response(*again) == once);
  }
}

// The input as a row of requests: two bytes of length, one of pause, then the body. Each must be answered or parked.
void check_broker(ByteView in) {
  SeededRng rng(1);
  core::BrokerConfig config;
  config.egresses.push_back(
      {wire::EgressId::random(rng), Private<std::string>("wss://egress.example/leg"), crypto::SecretKey::random(rng)});
  core::Broker broker(std::move(config), rng);
  TimePoint now{};
  constexpr UnixSeconds kUnix{1'800'000'000};
  std::size_t asked = 0;
  std::size_t answered = 0;
  const auto drain = [&] {
    while (const auto reply = broker.poll()) {
      FB_ASSERT(wire::parse_response(reply->body).ok());
      ++answered;
    }
  };
  while (in.size() > 3 && asked < 64) {
    const auto length = (std::to_integer<std::size_t>(in[0]) << 8 | std::to_integer<std::size_t>(in[1])) % in.size();
    now += Millis{std::to_integer<int>(in[2]) * 40};
    in = in.subspan(3);
    const auto body = in.first(std::min(length, in.size()));
    in = in.subspan(body.size());
    if (broker.deadline() && *broker.deadline() <= now) broker.on_deadline(now, kUnix);
    ++asked;
    broker.on_request(now, kUnix, asked, body, {Family::V4, asked % 3});
    drain();
    FB_ASSERT(answered + broker.parked_polls() + broker.parked_offers() == asked);
  }
  while (const auto at = broker.deadline()) {
    broker.on_deadline(now = std::max(now, *at), kUnix);
    drain();
  }
  FB_ASSERT(answered == asked);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = footbridge::as_bytes(data, size);
  check_codec(in);
  check_broker(in);
  return 0;
}
