#include "core/rendezvous/nat_pairs.hpp"

namespace footbridge::core {

using wire::NatBehaviour;

NatClass classify(wire::Nat nat) {
  switch (nat.mapping) {
    case NatBehaviour::Unknown: return NatClass::Unknown;
    case NatBehaviour::AddressDependent:
    case NatBehaviour::AddressAndPortDependent: return NatClass::Strict;
    case NatBehaviour::EndpointIndependent: break;
  }
  switch (nat.filtering) {
    case NatBehaviour::EndpointIndependent:
    case NatBehaviour::AddressDependent: return NatClass::Open;
    case NatBehaviour::AddressAndPortDependent:
    case NatBehaviour::Unknown: return NatClass::Moderate;
  }
  return NatClass::Unknown;
}

bool is_measured(wire::Nat nat) {
  const auto nat_class = classify(nat);
  return nat_class != NatClass::Unknown && (nat_class == NatClass::Strict || nat.filtering != NatBehaviour::Unknown);
}

unsigned nat_rank(NatClass client, NatClass proxy) {
  // Rows: client Open, Moderate, Strict, Unknown; columns: proxy in the same order. An open client can be met by
  // anybody and takes those whom others cannot use; a strict one needs what is open. 4 and 5 are known to fail: the
  // strict side sends from a port that the other's filter does not expect.
  static constexpr unsigned kRank[kNatClasses][kNatClasses] = {
      {3, 1, 0, 2},
      {2, 0, 4, 1},
      {0, 4, 5, 1},
      {0, 1, 3, 2},
  };
  return kRank[static_cast<unsigned>(client)][static_cast<unsigned>(proxy)];
}

unsigned pair_rank(NatClass client, NatClass proxy, wire::Families shared) {
  const auto rank = nat_rank(client, proxy);
  const bool over_v6 = (shared & wire::Families::V6) != wire::Families::None;
  return over_v6 && rank > kLastGoodNatRank ? kLastGoodNatRank : rank;
}

}  // namespace footbridge::core
