#include "sim/model/link_description.hpp"

#include <charconv>

#include "wire/ice_candidate_filter.hpp"
#include "wire/sdp.hpp"

namespace footbridge::sim::model {
namespace {

constexpr std::uint64_t kFirst = 100'000;           // credentials have a least length
constexpr std::uint32_t kTestNetwork = 0xCB007100;  // 203.0.113.0/24, RFC 5737
constexpr std::uint32_t kHomeNetwork = 0xC0A80100;  // 192.168.1.0/24

std::string description(char kind, std::uint64_t number, std::uint32_t host, wire::DtlsSetup setup) {
  wire::SessionDescription out;
  out.ice_ufrag = Private<std::string>(kind + std::to_string(kFirst + number));
  out.ice_pwd = Private<std::string>(std::string(24, 'p'));
  out.setup = setup;
  wire::IceCandidate at_home;
  at_home.foundation = "0";
  at_home.type = wire::CandidateType::Host;
  at_home.endpoint = Private<Endpoint>({IpAddress::v4(kHomeNetwork + host % 256), 5'000});
  if (wire::judge_endpoint(at_home.endpoint.reveal_to_socket(), {}) == wire::CandidateVerdict::Usable)
    out.candidates.push_back(std::move(at_home));
  wire::IceCandidate candidate;
  candidate.foundation = "1";
  candidate.type = wire::CandidateType::ServerReflexive;
  candidate.endpoint = Private<Endpoint>({IpAddress::v4(kTestNetwork + host % 256), 5'000});
  out.candidates.push_back(std::move(candidate));
  return wire::encode_sdp(out, number);
}

}  // namespace

std::string offer_text(std::uint64_t client, std::uint32_t outside_host) {
  return description('c', client, outside_host, wire::DtlsSetup::ActPass);
}

std::string answer_text(std::uint64_t link, std::uint32_t outside_host) {
  return description('h', link, outside_host, wire::DtlsSetup::Active);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  const auto parsed = wire::parse_sdp(text);
  if (!parsed) return std::nullopt;
  const auto& ufrag = parsed->ice_ufrag.reveal_to_socket();
  std::uint64_t number = 0;
  std::from_chars(ufrag.data() + 1, ufrag.data() + ufrag.size(), number);
  return number < kFirst ? std::nullopt : std::optional(number - kFirst);
}

}  // namespace footbridge::sim::model
