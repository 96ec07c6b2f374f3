#include "transport/webrtc/native_agreement.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::webrtc {

NativeAgreement::NativeAgreement(DescriptionRole role, NativeTags tags, Rng& rng)
    : role_(role),
      tags_(tags),
      rng_(rng),
      state_(role == DescriptionRole::Offerer ? State::Proposing : State::Listening) {}

bool NativeAgreement::on_record(ByteView record) {
  const auto kind = tags_.kind_of(record);
  if (kind && *kind != NativeRecord::Padded) return on_tagged(*kind, record), true;
  if (kind && state_ != State::Native && state_ != State::Accepting) return true;  // out of place
  switch (state_) {
    case State::Native: return false;
    case State::Accepting:
      // Beyond the bound it is lost, as a datagram may be.
      return static_cast<void>(early_.push(to_bytes(record))), true;
    case State::Proposing:
    case State::Listening: state_ = State::DataChannel; break;
    case State::DataChannel: break;
  }
  heard_sctp_ = true;
  return false;
}

void NativeAgreement::on_tagged(NativeRecord kind, ByteView record) {
  switch (state_) {
    case State::Proposing:
      if (kind != NativeRecord::Accept || !is_full_size(record)) return;
      agreed_ = asked_ = true;
      state_ = State::Native;
      return;
    case State::Listening:
      if (kind == NativeRecord::Decline) state_ = State::DataChannel;  // not one proposal came through
      if (kind != NativeRecord::Propose || !is_full_size(record)) return;
      asked_ = true;
      state_ = State::Accepting;
      return;
    case State::Accepting:
      if (kind == NativeRecord::Propose && is_full_size(record)) asked_ = true;
      if (kind == NativeRecord::Decline) state_ = State::DataChannel;
      if (kind != NativeRecord::Confirm) return;
      agreed_ = true;
      state_ = State::Native;
      return;
    case State::Native:
      if (kind == NativeRecord::Accept && role_ == DescriptionRole::Offerer) asked_ = true;  // CONFIRM was lost
      if (kind == NativeRecord::Close) closed_by_other_ = true;
      return;
    case State::DataChannel: return;  // late; DECLINE is repeated until SCTP is heard
  }
}

std::optional<Bytes> NativeAgreement::poll(TimePoint now) {
  if (std::exchange(agreed_, false) && tries_ == 1) round_trip_ = now - *tried_at_;
  const auto kind = due(now);
  if (!kind) return std::nullopt;
  asked_ = false;
  tried_at_ = now;
  ++tries_;
  return tags_.make(*kind, rng_);
}

std::optional<NativeRecord> NativeAgreement::due(TimePoint now) {
  const bool again = !tried_at_ || now - *tried_at_ >= kAgreementRetry;
  switch (state_) {
    case State::Proposing:
      if (!again) return std::nullopt;
      if (tries_ < kProposals) return NativeRecord::Propose;
      state_ = State::DataChannel;
      return NativeRecord::Decline;
    case State::Listening: return std::nullopt;
    case State::Accepting: return asked_ || again ? std::optional(NativeRecord::Accept) : std::nullopt;
    case State::Native:
      return asked_ && role_ == DescriptionRole::Offerer ? std::optional(NativeRecord::Confirm) : std::nullopt;
    case State::DataChannel:
      return role_ == DescriptionRole::Offerer && !heard_sctp_ && again ? std::optional(NativeRecord::Decline)
                                                                        : std::nullopt;
  }
  FB_ASSERT(false);
}

std::optional<LinkKind> NativeAgreement::verdict() const {
  if (state_ == State::Native) return LinkKind::Native;
  if (state_ == State::DataChannel) return LinkKind::DataChannel;
  return std::nullopt;
}

std::optional<Bytes> NativeAgreement::padded(ByteView message) {
  FB_ASSERT(state_ == State::Native);
  if (padded_ == kPaddedRecords) return std::nullopt;
  ++padded_;
  return tags_.pad(message, rng_);
}

std::optional<Bytes> NativeAgreement::take_early() {
  if (early_.empty()) return std::nullopt;
  return early_.pop();
}

}  // namespace footbridge::webrtc
