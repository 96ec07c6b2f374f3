#include "core/network/directory_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

UnixSeconds later(UnixSeconds at, std::uint64_t seconds) { return UnixSeconds{count(at) + seconds}; }

bool same_bytes(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

std::optional<DirectoryRefusal> judge_times(const OpenedDirectory& opened, UnixSeconds now) {
  const auto& certificate = opened.certificate.valid;
  const auto& directory = opened.directory.valid;
  const auto latest_start = later(now, kClockToleranceSeconds);
  if (certificate.length() > kMostCertificateSeconds) return DirectoryRefusal::CertificateTooLong;
  if (directory.length() > kMostDirectorySeconds) return DirectoryRefusal::TooLong;
  if (certificate.from > latest_start || directory.from > latest_start) return DirectoryRefusal::NotYetValid;
  if (now >= certificate.until) return DirectoryRefusal::CertificateExpired;
  if (now >= directory.until) return DirectoryRefusal::Expired;
  if (directory.until > certificate.until) return DirectoryRefusal::TooLong;
  return std::nullopt;
}

Result<DirectoryKeeper::Taken, DirectoryRefusal> DirectoryKeeper::take(UnixSeconds now, ByteView signed_directory) {
  if (opened_ && same_bytes(signed_directory, bytes_)) return Taken::Known;
  auto opened = open_directory(root_, signed_directory);
  if (!opened) return opened.error();
  if (const auto wrong = judge_times(*opened, now)) return *wrong;
  if (opened_) {
    const auto& known = *opened_;
    if (opened->certificate.serial < known.certificate.serial) return DirectoryRefusal::Superseded;
    if (opened->certificate.serial == known.certificate.serial) {
      if (opened->certificate.directory_key != known.certificate.directory_key) return DirectoryRefusal::Conflict;
      if (opened->directory.version < known.directory.version) return DirectoryRefusal::Backwards;
      if (opened->directory.version == known.directory.version) return DirectoryRefusal::Conflict;
    }
  }
  opened_ = std::move(*opened);
  bytes_ = to_bytes(signed_directory);
  return Taken::New;
}

Status<DirectoryRefusal> DirectoryKeeper::restore(ByteView signed_directory) {
  FB_ASSERT(!opened_);
  auto opened = open_directory(root_, signed_directory);
  if (!opened) return opened.error();
  opened_ = std::move(*opened);
  bytes_ = to_bytes(signed_directory);
  return {};
}

std::optional<UnixSeconds> DirectoryKeeper::serves_until() const {
  if (!opened_) return std::nullopt;
  return std::min(later(opened_->directory.valid.until, kStaleServesSeconds), opened_->certificate.valid.until);
}

DirectoryKeeper::Age DirectoryKeeper::age(UnixSeconds now) const {
  if (!opened_) return Age::None;
  // Before its beginning it is the clock that is wrong: this directory has been taken once.
  if (now < opened_->directory.valid.until) return Age::Current;
  return now < *serves_until() ? Age::Stale : Age::TooOld;
}

const wire::Directory* DirectoryKeeper::serving(UnixSeconds now) const {
  switch (age(now)) {
    case Age::None:
    case Age::TooOld: return nullptr;
    case Age::Current:
    case Age::Stale: return &opened_->directory;
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
