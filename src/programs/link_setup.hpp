// From the link options of a program to what the WebRTC engine and the rendezvous need: STUN names become addresses,
// and the NAT setting becomes the RFC 4787 classes that a broker matches by.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/local_addresses.hpp"
#include "io/resolver.hpp"
#include "io/upstream.hpp"
#include "programs/common_options.hpp"
#include "programs/nat_keeper.hpp"
#include "transport/webrtc/engine.hpp"
#include "wire/rendezvous.hpp"
#include "wire/session_destination.hpp"
#include "wire/url.hpp"

namespace footbridge {

// A name server that answers at all does so within this; links work without STUN, too, so it is not worth more.
inline constexpr Seconds kStunNameLimit{3};

wire::Nat nat_classes(NatSetting setting);

// What we tell the other end of a match that our links can do, and the best kind that who said so can.
std::uint64_t link_capabilities(const LinkOptions& options);
webrtc::LinkKind best_link(std::uint64_t capabilities);

// What a NatKeeper is to measure: nothing where the user has said the class, or where `engine` names no servers.
NatKeeper::Terms nat_terms(const LinkOptions& options, const webrtc::EngineConfig& engine, core::NatTests tests,
                           io::LocalAddresses local = {});

// The STUN servers as they were named: for a proxy in front of us, which looks them up itself.
std::vector<Private<wire::Destination>> stun_destinations(const LinkOptions& options);

// Looks all names up at once, within kStunNameLimit; those that do not resolve are left out and logged without their
// name. Cancelled, it ends at once.
asio::awaitable<webrtc::EngineConfig> engine_config(LinkOptions options, io::Resolver& resolver,
                                                    io::LocalAddresses local = {});
// The same for a machine behind a proxy: each link takes an association of its own with it, and nothing is looked up.
webrtc::EngineConfig detoured_config(const LinkOptions& options, const io::Upstream& upstream);

}  // namespace footbridge
