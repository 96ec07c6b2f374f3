// A STUN server of the fuzzer's: what it answers is read from the input, as bytes, and as attributes of answers whose
// transaction is right. Whatever it says, discovery ends in its time and its datagrams, and goes to public addresses
// only.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "core/nat/nat_discovery.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;

void check_parsed(ByteView message) {
  const auto answer = wire::parse_stun_answer(message);
  if (!answer) return;
  FB_ASSERT(answer->refused || answer->mapped);
  const auto again = wire::parse_stun_answer(wire::encode_stun_answer(*answer));
  FB_ASSERT(again && again->mapped == answer->mapped && again->other == answer->other);
  FB_ASSERT(again->origin == answer->origin && again->refused == answer->refused);
}

Endpoint some_endpoint(fuzz::Deeds& deeds) {
  static const Endpoint kUsual[] = {*Endpoint::parse("11.0.0.1:3478"), *Endpoint::parse("11.0.0.2:3479"),
                                    *Endpoint::parse("11.0.0.1:3479"), *Endpoint::parse("11.0.0.2:3478")};
  if (const auto which = deeds.below(5); which < 4) return kUsual[which];
  std::uint32_t host = 0;
  for (int i = 0; i < 4; ++i) host = host << 8 | static_cast<std::uint32_t>(deeds.byte());
  return {IpAddress::v4(host), static_cast<std::uint16_t>(deeds.byte() << 8 | deeds.byte())};
}

void run(fuzz::Deeds deeds) {
  const auto first = *Endpoint::parse("11.0.0.1:3478");
  core::NatDiscoveryTerms terms{.servers = {first, *Endpoint::parse("12.0.0.1:3478")}, .own = {}};
  if (deeds.one_in(2)) terms.tests = core::NatTests::MappingOnly;
  SeededRng rng(1);
  TimePoint now{};
  core::NatDiscovery discovery(terms, rng);
  discovery.start(now);
  std::vector<core::NatDiscovery::Send> sends;
  std::size_t sent = 0;
  while (!discovery.done()) {
    while (auto send = discovery.poll(now)) {
      ++sent;
      FB_ASSERT(sent <= core::kMaxNatDatagrams && send->socket < core::NatDiscovery::kSockets);
      FB_ASSERT(wire::judge_endpoint(send->to.reveal_to_socket(), {}) == wire::CandidateVerdict::Usable);
      sends.push_back(std::move(*send));
    }
    if (deeds.empty() || sends.empty() || deeds.one_in(4)) {
      now = *discovery.deadline();
      discovery.on_deadline(now);
      continue;
    }
    const auto& asked = sends[deeds.below(sends.size())];
    wire::StunAnswer answer;
    answer.transaction = wire::parse_stun_header(asked.datagram)->transaction;
    answer.refused = deeds.one_in(8);
    answer.mapped = some_endpoint(deeds);
    if (deeds.one_in(2)) answer.other = some_endpoint(deeds);
    if (deeds.one_in(8)) answer.origin = some_endpoint(deeds);
    auto bytes = wire::encode_stun_answer(answer);
    append(bytes, deeds.one_in(8) ? deeds.bytes(8) : ByteView{});
    const auto from = deeds.one_in(3) ? some_endpoint(deeds) : asked.to.reveal_to_socket();
    discovery.on_datagram(now, static_cast<core::NatSocket>(deeds.one_in(8) ? deeds.below(3) : asked.socket), from,
                          bytes);
  }
  FB_ASSERT(now <= TimePoint{} + core::kNatDiscoveryLimit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  check_parsed(input);
  run(fuzz::Deeds(input));
  return 0;
}
