// Detour: the way of one link's datagrams where they may not go to their destination themselves: a helper sends them on
// and brings back what comes. A port: SocksAssociation is a helper's SOCKS5 half, Translator has its helper within;
// links know no more than this.
//
// Driven by descriptors, not by a loop of its own: whoever owns it waits until descriptor() is readable and calls
// work(). Events come from inside start() and work() only; none of them may destroy the detour.
// Errors: datagrams that the helper or the network swallow are loss, and silent. When the detour itself is over nothing
// goes any more, and nothing ever goes around it.
// Threads: one at a time. Ownership: events outlive it.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "wire/session_destination.hpp"

namespace footbridge::io {

class DetourEvents {
 public:
  virtual ~DetourEvents() = default;
  virtual void on_detour_open() = 0;
  virtual void on_detour_over() = 0;  // once, last
  virtual void on_detour_datagram(const wire::Destination& from, ByteView datagram) = 0;
};

class Detour {
 public:
  virtual ~Detour() = default;
  // Once; on_detour_open() or on_detour_over() follows, in time only if the owner gives it a deadline.
  virtual void start(DetourEvents& events) = 0;
  // From start() on; −1: it was over at once.
  virtual int descriptor() const = 0;
  virtual void work() = 0;
  // Open: a run as io/datagrams.hpp has it. Otherwise lost.
  virtual void send_run(const wire::Destination& to, ByteView run, std::size_t segment_bytes) = 0;
  // Whether the kernel may cut datagrams that are too long for the way to the helper.
  virtual void allow_fragments(bool allowed) = 0;
  // Whom this link may ask for its outside address, by name or address; nullopt: nobody.
  virtual std::optional<Private<wire::Destination>> stun_server() const = 0;
};

}  // namespace footbridge::io
