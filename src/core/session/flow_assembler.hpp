// Puts the pieces of flow messages together, in whatever order they arrive. A message of which a piece is lost never
// becomes whole, and is dropped when kMaxPartialMessages younger ones have begun.
//
// Bounds: kMaxPartialMessages of kMaxFlowMessageBytes, memory as the budget grants. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ring.hpp"
#include "core/session/flow_memory.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_flow.hpp"

namespace footbridge::core {

// A message has its pieces in two datagrams that follow each other; so many others come between them only where paths
// differ by more than any queue allows.
inline constexpr std::size_t kMaxPartialMessages = 32;

class FlowAssembler {
 public:
  FlowAssembler(FlowMemory& memory, FlowStats& stats) : memory_(memory), stats_(stats) {}

  // The whole message, when this was its last missing piece.
  std::optional<Bytes> on_piece(FlowId flow, const wire::FlowPiece& piece);
  std::size_t partial_messages() const { return partial_.size(); }

 private:
  struct Partial {
    FlowId flow = 0;
    std::uint64_t number = 0;
    std::vector<Bytes> pieces;  // by position; empty: not here yet
    std::size_t arrived = 0;
    std::size_t bytes = 0;
    std::optional<std::size_t> count;  // known once the last piece is here
  };
  Partial& partial_of(FlowId flow, std::uint64_t number);
  static bool fits(const Partial& partial, const wire::FlowPiece& piece);
  void forget(FlowId flow, std::uint64_t number);

  FlowMemory& memory_;
  FlowStats& stats_;
  Ring<Partial> partial_;  // oldest first
};

}  // namespace footbridge::core
