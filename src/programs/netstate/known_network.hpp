// What netstate knows of the network that it shows: its root, and which directory key is the latest, if the folder says
// so. Reads root.pub, and directory.signed where it is there; nothing secret.
// Errors: ops::UsageError names --network and the file. Threads: any.
#pragma once

#include <cstdint>

#include "ops/values.hpp"
#include "wire/network.hpp"

namespace footbridge::netstate {

struct KnownNetwork {
  wire::RootKey root;
  std::uint64_t serial = 0;  // of the latest directory key; 0: not known, every one that the root certified counts
};

KnownNetwork read_known_network(const ops::FilePath& folder);

}  // namespace footbridge::netstate
