// The networks that this installation has joined, in its state directory:
//
//   networks/                mode 0700
//     0123456789abcdef/      the first 16 digits of the root's key, mode 0700
//       invite               the text of the invite, mode 0600
//       directory            the signed directory that is believed (core/network/directory_keeper.hpp), mode 0600
//
// Files are replaced at once or stay as they were. What cannot be read is an ops::UsageError that names the file and
// what to do; nothing is ever left out silently. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/network/directory_keeper.hpp"
#include "wire/invite.hpp"

namespace footbridge {

// Somebody who is in more is collecting, not joining; and each is read at every start.
inline constexpr std::size_t kMaxJoinedNetworks = 32;

// Of a root's key, by which a person names a network; four tell 32 of them apart mostly.
inline constexpr std::size_t kLeastDigits = 4;

struct JoinedNetwork {
  wire::Invite invite;
  core::DirectoryKeeper keeper;
  std::filesystem::path folder;
};

class JoinedNetworks {
 public:
  explicit JoinedNetworks(const std::filesystem::path& state_directory) : at_(state_directory / "networks") {}

  // By root; empty if there is nothing.
  std::vector<JoinedNetwork> all() const;
  std::optional<JoinedNetwork> find(const wire::RootKey& root) const;
  // Those that `text` names: by name, or by kLeastDigits or more of the root's key.
  std::vector<JoinedNetwork> named(std::string_view text) const;
  // Removes its folder and all that is in it, and what is kept of ways to brokers.
  void forget(const JoinedNetwork& network) const;
  // Keeps the invite, in place of an earlier one of the same network. The directory that was kept stays.
  JoinedNetwork join(const wire::Invite& invite) const;
  // Writes down what `network.keeper` believes.
  void keep_directory(const JoinedNetwork& network) const;

 private:
  std::filesystem::path folder_of(const wire::RootKey& root) const;
  JoinedNetwork read(const std::filesystem::path& folder) const;

  std::filesystem::path at_;
};

}  // namespace footbridge
