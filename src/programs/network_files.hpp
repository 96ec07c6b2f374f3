// What the servers of a network read of it: the operator's folder, or a copy of those of its files that a server needs
// (docs/ops/run-a-network.md). Brokers need all of these, an egress the first two.
//
//   obfuscation.key    the secret of the network's envelopes                      mode 0600
//   directory.signed   what is handed out, and what says who else there is
//   broker-NAME.keys   the keys of that broker (broker_keys.hpp)                  mode 0600
//   root.pub           if it is there, the directory has to be of this network
//
// Everything is read at once, and what cannot be used is one ops::UsageError that names the file: what was read before
// stays in force then. A directory's time is not looked at: a server serves those who believe it. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/secret_key.hpp"
#include "ops/values.hpp"
#include "programs/broker_keys.hpp"
#include "wire/network.hpp"

namespace footbridge {

struct NetworkFiles {
  crypto::SecretKey obfuscation;
  Bytes signed_directory;
  wire::Directory directory;
};

// `option`: the flag that named the folder.
NetworkFiles read_network_files(std::string_view option, const ops::FilePath& folder);

// The broker that is meant: `name`, or the only one of the directory.
std::string broker_name(std::string_view option, const wire::Directory& directory,
                        const std::optional<std::string>& name);
std::vector<BrokerSecret> read_broker_keys(std::string_view option, const ops::FilePath& folder,
                                           const std::string& broker);

// Changes whenever one of the folder's files does: something to compare, and nothing else.
std::string network_files_state(const ops::FilePath& folder);

}  // namespace footbridge
