// The one data channel of a link (RFC 8831, 8832): opened by the offerer, accepted by the answerer, queued messages
// handed to the association as fast as that takes them.
//
//   Waiting ──(opener) OPEN sent──▶ Opening ──ACK or first message──▶ Open ──reset──▶ Ended
//      └───────(accepter) OPEN received, ACK sent──────────────────────▶ ┘
//
// Threads: the WebRTC thread only. The channel is owned by the peer, which feeds it the association's events.
// Bounds: none on the send queue (the link's user looks at its backlog); labels ≤ kMaxDcepTextBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "transport/webrtc/dtls.hpp"
#include "transport/webrtc/link.hpp"
#include "transport/webrtc/message_batch.hpp"
#include "transport/webrtc/sctp_association.hpp"
#include "wire/dcep.hpp"

namespace footbridge::webrtc {

class DataChannel {
 public:
  // What a message from the association meant.
  enum class Input : std::uint8_t {
    Nothing,  // not for the user
    Opened,   // the channel is open now; there is no message
    Message,  // message() holds one for the user; the channel may have been opened by it
    Misused,  // the other side broke DCEP: close the link
  };

  DataChannel(const LinkConfig& config, bool opener, DtlsRole role);

  // The opener's OPEN. False: the association would not take it (it is new and empty, so it has died).
  bool on_association_up(SctpAssociation& association);
  // `view` points into `data` or is empty.
  Input on_message(SctpAssociation& association, StreamId stream, PayloadProtocol protocol, ByteView data,
                   ByteView& view);
  // True: this was the channel's stream, and the channel has ended.
  bool on_stream_reset(StreamId stream);

  bool is_open() const { return state_ == State::Open; }
  void queue(MessageBatch& messages) { queue_.take(messages); }
  // Hands over what fits; answers how many bytes of messages were taken.
  std::size_t pump(SctpAssociation& association);
  std::size_t queued_bytes() const { return queue_.byte_count(); }
  bool blocked() const { return !queue_.empty(); }

 private:
  enum class State : std::uint8_t { Waiting, Opening, Open, Ended };

  Input on_dcep(SctpAssociation& association, StreamId stream, ByteView data);

  LinkConfig config_;
  bool opener_;
  State state_ = State::Waiting;
  StreamId own_parity_;  // RFC 8832 §6: the DTLS client uses even streams, the server odd ones
  StreamId stream_;
  SctpDelivery delivery_;
  MessageBatch queue_;
};

}  // namespace footbridge::webrtc
