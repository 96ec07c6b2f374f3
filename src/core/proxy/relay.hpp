// Relay: carries messages between a link and its relay leg, for one client's stay in a slot. It parses nothing and
// keeps nothing, except the few messages a client sends while its leg is still being dialled.
//
// Bounds: the receiving pipe's backlog stays below kMaxBacklogBytes. A message is dropped and counted when the largest
// packet would not fit, whatever its own size, or when it is too large for the pipe. A leg that can pause is paused at
// kPauseBytes instead, and resumed when the link has drained. At most kMaxEarlyBytes wait for the leg. Events carry the
// epoch they belong to; others are refused. Ownership: borrows both pipes, which outlive it. One thread. One flush per
// batch that fits into the queue.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/path/packet_sizes.hpp"
#include "core/pipe.hpp"
#include "core/proxy/proxy_engine.hpp"

namespace footbridge::core {

// Why a message was not forwarded; stable names for metrics come from name().
enum class RelayDrop : std::uint8_t {
  Backlog,   // the receiving side does not keep up
  TooLarge,  // longer than the receiving pipe takes
  NotOpen,   // the receiving pipe is not open (any more)
  Foreign,   // an event of another epoch: never forwarded
  Early,     // came before the leg, beyond kMaxEarlyBytes
};
inline constexpr std::size_t kRelayDrops = 5;
std::string_view name(RelayDrop reason);

struct RelayCount {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::array<std::uint64_t, kRelayDrops> dropped{};  // messages, by RelayDrop
};

class Relay {
 public:
  static constexpr std::size_t kMaxBacklogBytes = 64 * 1024;  // RLY-B1: about 50 ms at 10 Mbit/s: a queue, not a store
  static constexpr std::size_t kPauseBytes = 32 * 1024;       // RLY-B2: leaves room for what the leg has already read
  static constexpr std::size_t kMaxEarlyBytes = 16 * 1024;    // RLY-B3: a client's first flight with its fillers
  static constexpr std::size_t kMaxEarlyMessages = 64;        // RLY-B4: empty messages cost memory too

  // Whether a queue of at most `most_bytes` takes a message. The same answer for packets of all sizes: a queue that has
  // no room for the large ones while the small ones still fit would teach the ends that large packets get lost, and
  // they would step down for good.
  static constexpr bool has_room(std::size_t backlog_bytes, std::size_t message_bytes,
                                 std::size_t most_bytes = kMaxBacklogBytes) {
    return backlog_bytes + std::max(message_bytes, kMaxPacketBytes) <= most_bytes;
  }
  // Whether a message may wait for the leg beside those that do.
  static constexpr bool may_wait(std::size_t held_bytes, std::size_t held_messages, std::size_t message_bytes) {
    return held_bytes + message_bytes <= kMaxEarlyBytes && held_messages < kMaxEarlyMessages;
  }

  // From the link's opening; the leg comes later.
  Relay(SlotRef at, MessagePipe& borrow_link) : at_(at), link_(borrow_link) {}

  // The leg is open: early messages go out. `can_pause`: pause_reading() works on it (TCP in a native program).
  void attach_leg(MessagePipe& borrow_leg, bool can_pause);

  void on_link_messages(SlotRef at, std::span<const ByteView> batch);
  void on_leg_messages(SlotRef at, std::span<const ByteView> batch);
  void on_link_drained(SlotRef at);

  const RelayCount& to_leg() const { return to_leg_; }
  const RelayCount& to_link() const { return to_link_; }
  std::size_t held_bytes() const { return early_bytes_; }
  bool leg_paused() const { return paused_; }

 private:
  void forward(std::span<const ByteView> batch, MessagePipe& out, RelayCount& count);
  void keep_early(std::span<const ByteView> batch);

  SlotRef at_;
  MessagePipe& link_;
  MessagePipe* leg_ = nullptr;  // borrowed; null until it is open
  bool can_pause_ = false;
  bool paused_ = false;
  std::vector<Bytes> early_;
  std::size_t early_bytes_ = 0;
  RelayCount to_leg_;
  RelayCount to_link_;
};

}  // namespace footbridge::core
