// The ledger of invites: to whom one was given, how often and how long it may be used, and whether it was taken back.
// A file of the operator's, mode 0600: it says who belongs together. The invite itself is not in it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/private.hpp"
#include "base/time.hpp"
#include "wire/invite.hpp"

namespace footbridge::network {

// Each is seven settings and 270 bytes at most of a TOML file, which has 4096 and 256 KiB (ops/toml_file.hpp).
inline constexpr std::size_t kMaxLedgerEntries = 500;
// Who asks why his invite was taken back does so within a month.
inline constexpr std::uint64_t kLedgerRemembersSeconds = 30 * 86'400;

struct LedgerEntry {
  std::string name;  // of the person; wire::is_network_name()
  wire::InviteId id;
  UnixSeconds made{};
  UnixSeconds until{};
  std::uint32_t uses = 1;
  std::optional<UnixSeconds> revoked;
  bool tester = false;  // for the operator's tester, not for a person

  // One may join with it. Who has joined stays until it is revoked.
  bool holds(UnixSeconds now) const { return !revoked && now < until; }
};

class InviteLedger {
 public:
  // ops::UsageError with the place if it is not such a file.
  static InviteLedger parse(std::string_view text, const std::string& place);
  Private<std::string> text() const;

  enum class Added : std::uint8_t { Yes, HasOne, Full };
  // Forgets what was revoked kLedgerRemembersSeconds ago, and, where there is no room, what was revoked first. Full: no
  // more room; what is only over is kept, because somebody may have joined with it. HasOne: one of this name holds.
  Added add(LedgerEntry entry, UnixSeconds now);
  // Takes back all that is under this name, also what is over; false: nothing is.
  bool revoke(std::string_view name, UnixSeconds now);
  const std::vector<LedgerEntry>& entries() const { return entries_; }

 private:
  std::vector<LedgerEntry> entries_;
};

}  // namespace footbridge::network
