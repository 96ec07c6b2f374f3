// NativeAgreement: how two ends whose rendezvous said that both can do without SCTP come to one decision, whatever the
// network loses. The offerer alone decides; the answerer commits itself to nothing before it has heard the decision.
//
//   offerer                                                answerer
//   Proposing ──ACCEPT──────────────▶ Native               Listening ──PROPOSE──▶ Accepting ──CONFIRM──▶ Native
//      │ kProposals unanswered,        (CONFIRM to            │                      │
//      │ or a record of the other's     each ACCEPT)          │ any other record     │ DECLINE
//      ▼                                                      ▼                      ▼
//   DataChannel (DECLINE until the other's SCTP is heard)   DataChannel ◀────────────┘
//
// PROPOSE and ACCEPT are longer than packets will be and travel with fragmentation forbidden: an ACCEPT that arrives
// has proved both directions. An end that was never asked, a browser, begins with SCTP, and its first record ends the
// proposing. In Accepting other records wait: what they are is known with the decision.
//
// Afterwards the first kPaddedRecords messages of this end are dressed in PADDED records of random length.
//
// Pure: time and randomness are arguments. Errors: an unexpected record of the agreement is dropped. Bounds:
// kMaxEarlyRecords of at most a datagram each. Not thread-safe. Spec: docs/spec/02-link.md §5.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bounded_queue.hpp"
#include "base/time.hpp"
#include "transport/webrtc/mailbox.hpp"
#include "transport/webrtc/native_records.hpp"

namespace footbridge::webrtc {

// Between two tries; an answer that is later still counts, so slow paths need no longer one.
inline constexpr Millis kAgreementRetry{250};
// Then full-size datagrams do not get through. Where a fifth is lost, six in a thousand links are wronged by that.
inline constexpr std::size_t kProposals = 5;
// The first flight of a path, which may overtake CONFIRM or come while it is repeated: eleven fillers, two packets.
inline constexpr std::size_t kMaxEarlyRecords = 16;

class NativeAgreement {
 public:
  // Begins with the offerer's first proposal, at the next poll().
  NativeAgreement(DescriptionRole role, NativeTags tags, Rng& rng);

  // A record has arrived. True: it was the agreement's, or waits for the decision; false: it is what verdict() says.
  bool on_record(ByteView record);
  // What is to be sent now, until there is nothing; asks for nothing while all is decided and said.
  std::optional<Bytes> poll(TimePoint now);

  // nullopt: not yet decided. It never changes afterwards.
  std::optional<LinkKind> verdict() const;
  // Of a native link: the record for the next message, while the first ones are padded; nullopt: the message is its
  // own.
  std::optional<Bytes> padded(ByteView message);
  // What a record of a native link carries, padded or not; empty: nothing.
  ByteView message_of(ByteView record) const { return tags_.message_of(record); }

  // Records that waited for the verdict, in order of arrival.
  std::optional<Bytes> take_early();
  // From a try that needed no repetition.
  std::optional<Duration> round_trip() const { return round_trip_; }
  bool closed_by_other() const { return closed_by_other_; }
  Bytes goodbye() { return tags_.make(NativeRecord::Close, rng_); }

 private:
  enum class State : std::uint8_t { Proposing, Listening, Accepting, Native, DataChannel };

  void on_tagged(NativeRecord kind, ByteView record);
  std::optional<NativeRecord> due(TimePoint now);

  DescriptionRole role_;
  NativeTags tags_;
  Rng& rng_;
  State state_;
  bool asked_ = false;       // the other side waits for our ACCEPT or CONFIRM
  bool heard_sctp_ = false;  // in DataChannel: the other side knows
  bool agreed_ = false;      // a round trip has ended; poll() knows when
  bool closed_by_other_ = false;
  std::size_t padded_ = 0;             // messages of ours so far
  std::size_t tries_ = 0;              // in this state
  std::optional<TimePoint> tried_at_;  // the last of them, or of the state before
  std::optional<Duration> round_trip_;
  BoundedQueue<Bytes, kMaxEarlyRecords> early_;
};

}  // namespace footbridge::webrtc
