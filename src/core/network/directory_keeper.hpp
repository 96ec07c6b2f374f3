// DirectoryKeeper: which directory of a network an installation believes. It is offered directories by anybody, from
// anywhere, and takes one if the chain from the root it pins is whole, the time is right, and it is newer than what it
// has. No clock: now is an argument. Not thread-safe: one owner.
//
//   None ──take──▶ Current ──until──▶ Stale ──a day──▶ TooOld        (a newer one leads back to Current)
//                                                       ▲
//   None ──restore─── by its age ─▶ Current, Stale, ────┘
//
// Newer means: of a certificate with a higher serial, or of the same certificate with a higher version. A new
// certificate begins to count versions anew, so that a thief of the directory key cannot use the numbers up.
//
// What it has keeps serving for kStaleServesSeconds after its end, never beyond its certificate: a timer that failed
// over night, or a censor's bad day, cuts nobody off. Not longer, because the brokers' keys in it end then as well, and
// because who can withhold new directories keeps a victim on an old list for so long: an egress key that was stolen and
// taken off the list is believed so much longer. Nothing that is stale is ever taken anew.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/network/directory_chain.hpp"

namespace footbridge::core {

// NET-T1 to NET-T4, spec 11 §7; seconds.
inline constexpr std::uint64_t kMostCertificateSeconds = 30 * 86'400;
inline constexpr std::uint64_t kMostDirectorySeconds = 48 * 3'600;
inline constexpr std::uint64_t kClockToleranceSeconds = 3'600;
inline constexpr std::uint64_t kStaleServesSeconds = 86'400;

// What the rules say of a directory whose chain is whole: also asked by the operator before he hands it out.
std::optional<DirectoryRefusal> judge_times(const OpenedDirectory& opened, UnixSeconds now);

class DirectoryKeeper {
 public:
  enum class Age : std::uint8_t { None, Current, Stale, TooOld };
  enum class Taken : std::uint8_t { New, Known };

  explicit DirectoryKeeper(const wire::RootKey& root) : root_(root) {}

  // New: write kept() down. Known: it is what we have.
  Result<Taken, DirectoryRefusal> take(UnixSeconds now, ByteView signed_directory);
  // What kept() was in an earlier life. Its signatures must be right; its age is not looked at here, because also one
  // that is too old says which others are older. Once, before the first take().
  Status<DirectoryRefusal> restore(ByteView signed_directory);

  Age age(UnixSeconds now) const;
  // Current or Stale; else nullptr. Valid until the next take().
  const wire::Directory* serving(UnixSeconds now) const;
  // When serving() ends; nullopt without a directory.
  std::optional<UnixSeconds> serves_until() const;
  // Of the certificate that is believed; 0 without a directory.
  std::uint64_t serial() const { return opened_ ? opened_->certificate.serial : 0; }
  ByteView kept() const { return bytes_; }  // empty without a directory
  const wire::RootKey& root() const { return root_; }

 private:
  wire::RootKey root_;
  Bytes bytes_;
  std::optional<OpenedDirectory> opened_;
};

}  // namespace footbridge::core
