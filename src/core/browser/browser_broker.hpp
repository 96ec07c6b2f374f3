// The broker's end of a BrowserProxy's rendezvous, sealed or plain, for tests: it reads what was posted and makes what
// is answered. One thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/browser/rendezvous_posts.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// A client's offer with these candidates.
inline wire::Sdp offer_with(const std::vector<std::string>& addresses) {
  std::string text =
      "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:ufra\r\n"
      "a=ice-pwd:0123456789abcdef01234567\r\na=fingerprint:sha-256 ";
  for (int i = 0; i < 32; ++i) text += i == 0 ? "0A" : ":0A";
  text += "\r\na=setup:actpass\r\na=sctp-port:5000\r\n";
  for (const auto& address : addresses) text += "a=candidate:1 1 udp 2130706431 " + address + " 40000 typ host\r\n";
  return wire::Sdp(std::move(text));
}

class BrowserBroker {
 public:
  explicit BrowserBroker(UnixSeconds started) { restart(started); }

  // The same key in another process: no ticket of the first is good any more.
  void restart(UnixSeconds started) {
    seal_.emplace(secret, started, rng_);
    seal_->keys().add(key, started);
  }
  WaySeal way(UnixSeconds from, UnixSeconds until) const {
    return {secret, {{wire::BrokerKeyBytes{key.public_key.raw}, {from, until}}}};
  }
  // nullopt: it does not open, and gets the decoy.
  std::optional<wire::Poll> read(UnixSeconds wall, ByteView bytes) {
    auto opened = seal_->open(wall, bytes);
    if (!opened) return std::nullopt;
    kind = opened->kind;
    reply_.emplace(std::move(opened->reply));
    const auto request = wire::parse_request(opened->body);
    FB_ASSERT(request.ok());
    return std::get<wire::Poll>(request->body);
  }
  // To what was read last.
  Bytes answer(UnixSeconds wall, wire::Response response) {
    FB_ASSERT(reply_.has_value());
    const auto body = wire::encode_response(response, rng_);
    return seal_->seal(wall, std::move(*std::exchange(reply_, std::nullopt)), body);
  }
  wire::Assignment assignment(wire::Sdp offer, std::string relay = "wss://egress.example/leg") {
    wire::Assignment out;
    out.match = MatchId::random(rng_);
    out.sdp = std::move(offer);
    out.relay_url = Private<std::string>(std::move(relay));
    out.leg_token = Private<Bytes>(rng_.bytes(wire::kLegTokenBytes));
    return out;
  }

 private:
  SeededRng rng_{2};

 public:
  crypto::SecretKey secret = crypto::SecretKey::random(rng_);
  crypto::X25519KeyPair key = crypto::X25519KeyPair::random(rng_);
  std::optional<crypto::RequestKind> kind;  // of what was read last

 private:
  using Reply = decltype(OpenedRequest::reply);
  std::optional<SealedBroker> seal_;
  std::optional<Reply> reply_;
};

}  // namespace footbridge::core
