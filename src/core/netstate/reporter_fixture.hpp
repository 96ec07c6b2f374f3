// A network with reporters, for tests and measurements of netstate: makes chains and signed reports as an operator's
// and a reporter's program do. Time stands at kWall unless a test says otherwise.
#pragma once

#include <cstdint>
#include <vector>

#include "core/netstate/reporter_chain.hpp"
#include "core/network/directory_chain.hpp"

namespace footbridge::core {

struct ReportingNetwork {
  static constexpr std::uint64_t kDay = 86'400;
  static constexpr UnixMillis kWall{1'800'000'000'000};

  SeededRng rng{11};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair directory_key = crypto::Ed25519KeyPair::random(rng);
  wire::SignedCertificate certificate = sign_certificate(
      root,
      {{directory_key.public_key().raw}, 3, {seconds_of(kWall), UnixSeconds{count(seconds_of(kWall)) + 30 * kDay}}});

  struct Reporter {
    crypto::Ed25519KeyPair key;
    Bytes chain;

    Bytes sign(const wire::StateReport& report, UnixMillis at = kWall) const {
      return sign_state_report(key, chain, report, at);
    }
  };
  Reporter reporter(wire::NodeRole role) {
    const auto key = crypto::Ed25519KeyPair::random(rng);
    const UnixSeconds until{count(seconds_of(kWall)) + 20 * kDay};
    return {key, make_reporter_chain(directory_key, certificate, {{key.public_key().raw}, role, until})};
  }
  wire::StateReport report(wire::NodeRole role, std::vector<wire::ReportedLeg> legs = {}) {
    wire::StateReport out;
    out.node = wire::NodeName::random(rng);
    out.role = role;
    out.sequence = 1;
    out.state = legs.empty() ? wire::NodeState::Ready : wire::NodeState::Helping;
    out.legs = std::move(legs);
    if (role == wire::NodeRole::Egress) out.egress = wire::EgressName::random(rng);
    return out;
  }
};

}  // namespace footbridge::core
