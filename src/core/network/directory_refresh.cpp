#include "core/network/directory_refresh.hpp"

#include <algorithm>

namespace footbridge::core {

void DirectoryRefresh::on_kept(std::optional<wire::Validity> kept) {
  backoff_.reset();
  not_before_.reset();
  wished_.reset();
  ask_at_.reset();
  if (!kept) return;
  const auto part = kept->length() / kRefreshPart;
  ask_at_ = UnixSeconds{count(kept->from) + part + rng_.between(0, part / 2)};
}

void DirectoryRefresh::pause(TimePoint now, Seconds nominal) {
  wished_.reset();
  const auto extra = rng_.between(0, static_cast<std::uint64_t>(Millis(nominal).count()) / 2);
  not_before_ = now + nominal + Millis{static_cast<Millis::rep>(extra)};
}

void DirectoryRefresh::on_known(TimePoint now) {
  backoff_.reset();
  pause(now, kKnownPause);
}

void DirectoryRefresh::on_failed(TimePoint now, bool serving) {
  if (serving) return pause(now, kFailedPause);
  wished_.reset();
  not_before_ = now + backoff_.next(rng_);
}

void DirectoryRefresh::wish(TimePoint now) { wished_ = asked_ ? std::max(now, *asked_ + kWishPause) : now; }

void DirectoryRefresh::on_asked(TimePoint now) { asked_ = now; }

bool DirectoryRefresh::due(TimePoint now, UnixSeconds clock) const {
  if (wished_ && *wished_ <= now) return true;
  return (!ask_at_ || *ask_at_ <= clock) && (!not_before_ || *not_before_ <= now);
}

TimePoint DirectoryRefresh::next(TimePoint now, UnixSeconds clock) const {
  if (due(now, clock)) return now;
  auto out = now;
  if (ask_at_ && *ask_at_ > clock) {
    const auto left = std::min(count(*ask_at_) - count(clock), static_cast<std::uint64_t>(kLookAtAge.count()));
    out += Seconds{static_cast<Seconds::rep>(left)};
  }
  if (not_before_) out = std::max(out, *not_before_);
  if (wished_) out = std::min(out, *wished_);
  return std::clamp(out, now, now + kLookAtAge);
}

}  // namespace footbridge::core
