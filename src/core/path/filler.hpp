// Fillers: messages of random bytes and random length that mean nothing. A message whose first byte has bit 0x40 clear
// is filler; proxies forward it like any other, the QUIC ends drop it. This file decides when to send how many: around
// the first packets of a path, so that no length stands at a fixed place, and around packets that end a silence, so
// that keep-alives are no metronome of one length. Spec: docs/spec/04-path.md §6.2, §7 (PATH-F*).
//
// Pure: randomness and silence are arguments. One instance per path end; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/path/packet_sizes.hpp"

namespace footbridge::core {

// The bit that every QUIC packet has set in its first byte (RFC 9000 §17) and every filler has clear.
inline constexpr std::byte kPacketBit{0x40};

// False for an empty message too: it is neither packet nor filler, and dropped like filler.
inline bool is_packet(ByteView message) { return !message.empty() && (message.front() & kPacketBit) != std::byte{0}; }

inline constexpr std::size_t kMinFillerBytes = 24;              // as short as the shortest QUIC packet we send
inline constexpr std::size_t kMaxFillerBytes = kFragmentBytes;  // one SCTP chunk; more would cost, not hide
inline constexpr unsigned kMaxLeadingFillers = 11;              // before the first packet of this end
inline constexpr unsigned kShapedPackets = 12;                  // this many first packets may have fillers in front
inline constexpr unsigned kMaxFillersPerShapedPacket = 2;
inline constexpr std::size_t kFirstFlightFillerBytes = 8 * 1024;  // the most that the first flight may cost, per end
inline constexpr std::size_t kMinShapedPacketBytes = 300;         // of those that carry datagrams; the longest is F
inline constexpr std::size_t kMaxStretchedBytes = 2 * kFragmentBytes;  // of handshake messages; those are 1200 or less
inline constexpr Duration kSilenceToBreak = Seconds{10};               // below the shortest keep-alive interval
inline constexpr unsigned kMaxFillersAfterSilence = 2;

class FillerPolicy {
 public:
  // max_bytes: the longest message the pipe takes.
  FillerPolicy(bool enabled, std::size_t max_bytes);

  // How many fillers to send before the packet that is about to go out, `silence` after the one before it.
  unsigned before_packet(Duration silence, Rng& rng);
  // One filler message.
  Bytes make(Rng& rng);

  // While the first flight lasts: the size for a packet that carries a datagram. nullopt: the packet ladder decides.
  std::optional<std::size_t> shaped_packet_bytes(Rng& rng) const;
  // How many bytes to append to a handshake message that may be followed by anything (spec §6.3).
  std::size_t stretch_bytes(std::size_t message_bytes, Rng& rng) const;

 private:
  bool enabled_;
  std::size_t max_message_bytes_;
  unsigned packets_seen_ = 0;
  std::size_t first_flight_bytes_ = 0;
};

}  // namespace footbridge::core
