#include "core/nat/nat_report.hpp"

#include "base/assert.hpp"
#include "core/rendezvous/nat_pairs.hpp"

namespace footbridge::core {

std::string_view name(NatVerdict verdict) {
  switch (verdict) {
    case NatVerdict::Unmeasured: return "unmeasured";
    case NatVerdict::NoUdp: return "no-udp";
    case NatVerdict::Open: return "open";
    case NatVerdict::Moderate: return "moderate";
    case NatVerdict::Strict: return "strict";
  }
  FB_ASSERT(false);
}

NatVerdict NatReport::verdict() const {
  if (asked && !heard) return NatVerdict::NoUdp;
  switch (classify(nat)) {
    case NatClass::Open: return NatVerdict::Open;
    case NatClass::Moderate: return NatVerdict::Moderate;
    case NatClass::Strict: return NatVerdict::Strict;
    case NatClass::Unknown: return NatVerdict::Unmeasured;
  }
  FB_ASSERT(false);
}

std::string_view meaning(const NatReport& report) {
  switch (report.verdict()) {
    case NatVerdict::Unmeasured: return "too little was answered to know whom this machine can meet";
    case NatVerdict::NoUdp: return "no answer to any UDP packet: links can hardly open from here";
    case NatVerdict::Open: return "anybody can be met, also those whom few others can help";
    case NatVerdict::Moderate: return "most can be met: all but those behind the strictest address translation";
    case NatVerdict::Strict: return "few can be met: only those who are open themselves";
  }
  FB_ASSERT(false);
}

std::string_view advice(const NatReport& report) {
  const bool firewall = report.translated == false;
  switch (report.verdict()) {
    case NatVerdict::Unmeasured: return "name at least two STUN servers with --stun, one of them with two addresses";
    case NatVerdict::NoUdp:
      return "this network blocks UDP, or the STUN servers: let UDP out in the firewall, name other servers with "
             "--stun, "
             "or use another network";
    case NatVerdict::Open: return "nothing to improve";
    case NatVerdict::Moderate:
      return firewall ? "let UDP in from everywhere in this machine's or network's firewall"
                      : "UPnP switched on in the router, or its full-cone setting, would open it";
    case NatVerdict::Strict:
      return "UPnP switched on in the router, another router, or an internet line with an address of its own would "
             "help";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
