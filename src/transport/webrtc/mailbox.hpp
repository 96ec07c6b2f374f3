// What the two threads of a link say to each other. One lock and one wake-up per batch, and a wake-up only when the
// other side's box was empty; buffers are swapped, not copied, and their memory goes round.
//
// LinkMailbox has two owners, both shared: the Link on the I/O thread and the Peer on the WebRTC thread. Neither may
// outlive the other's expectation of it, so it belongs to both (handlers already posted hold it, too).
// Threads: ToPeer is written by the I/O thread, ToLink by the WebRTC thread; all under the mutex. The atomics are read
// without it.
// Bounds: ToPeer.messages by the user of the link (backlog), ToLink.messages by kMaxUnreadBytes plus one message.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/private.hpp"
#include "transport/webrtc/link.hpp"
#include "transport/webrtc/message_batch.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {

enum class DescriptionRole : std::uint8_t { Offerer, Answerer };

// I/O thread → WebRTC thread.
struct ToPeer {
  MessageBatch messages;
  std::optional<wire::SessionDescription> remote;
  LinkKind remote_best = LinkKind::DataChannel;  // counts with `remote`
  std::optional<PipeEnd> close;
  std::optional<bool> pause_reading;
  bool unread_taken = false;  // the I/O thread has emptied its box
  bool forget = false;        // the Link is gone
};

// WebRTC thread → I/O thread. Order of the events: description, open, messages, drained, closed.
struct ToLink {
  std::optional<Private<std::string>> local_description;
  std::optional<LinkInfo> info;
  bool opened = false;
  MessageBatch messages;
  bool drained = false;
  std::optional<PipeEnd> closed;

  bool empty() const { return !local_description && !info && !opened && messages.empty() && !drained && !closed; }
};

struct LinkMailbox {
  std::mutex mutex;
  ToPeer to_peer;
  bool to_peer_announced = false;  // the engine knows that to_peer is not empty
  ToLink to_link;
  bool to_link_announced = false;          // a delivery has been posted to the executor
  bool link_gone = false;                  // nothing may be posted to the executor any more
  std::function<void()> announce_to_link;  // posts a delivery; called under the mutex while !link_gone
  bool peer_waits_for_room = false;        // the peer has stopped reading until to_link.messages is taken

  std::atomic<std::uint64_t> taken_bytes{0};  // of messages, since the start, that SCTP or the network has been given
  std::atomic<bool> blocked{false};           // SCTP's send buffer is full and messages wait
  std::atomic<bool> drain_wanted{false};      // the user has seen a backlog and waits for on_drained
};
using LinkMailboxPtr = std::shared_ptr<LinkMailbox>;  // owners: Link and Peer, see above

// A link to be made, on its way to the WebRTC thread.
struct NewPeer {
  LinkMailboxPtr mailbox;  // owners: Link and Peer, see above
  DescriptionRole role = DescriptionRole::Offerer;
  LinkConfig config;
  std::optional<wire::SessionDescription> offer;  // of the other side, for an Answerer
};

}  // namespace footbridge::webrtc
