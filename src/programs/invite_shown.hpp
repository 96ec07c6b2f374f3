// What an installation shows its brokers of the invite with which it joined: in sealed requests, and in no others.
#pragma once

#include "core/rendezvous/client_rendezvous.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"
#include "wire/invite.hpp"

namespace footbridge {

// Who was invited into a group asks for its volunteers only.
inline void show(const wire::Invite& invite, core::ClientRendezvousConfig& config) {
  config.invite = invite.id;
  config.compartment = invite.compartment.value_or(wire::kCommonCompartment);
}

// Who may lend a connection to a group helps nobody else; who may not helps everybody.
inline void show(const wire::Invite& invite, core::ProxyRendezvousConfig& config) {
  config.invite = invite.id;
  if (!invite.announcing) return;
  config.compartments = {*invite.compartment};
  config.announcing = {*invite.announcing};
}

}  // namespace footbridge
