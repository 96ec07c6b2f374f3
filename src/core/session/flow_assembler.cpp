#include "core/session/flow_assembler.hpp"

#include <utility>

namespace footbridge::core {

FlowAssembler::Partial& FlowAssembler::partial_of(FlowId flow, std::uint64_t number) {
  for (std::size_t i = partial_.size(); i-- > 0;)
    if (partial_[i].flow == flow && partial_[i].number == number) return partial_[i];
  if (partial_.size() == kMaxPartialMessages) {
    ++stats_.dropped_incomplete;
    forget(partial_.front().flow, partial_.front().number);
  }
  Partial fresh;
  fresh.flow = flow;
  fresh.number = number;
  partial_.push_back(std::move(fresh));
  return partial_[partial_.size() - 1];
}

void FlowAssembler::forget(FlowId flow, std::uint64_t number) {
  partial_.erase_if([&](const Partial& partial) {
    if (partial.flow != flow || partial.number != number) return false;
    memory_.give_back(partial.bytes + partial.arrived * kFlowMessageCostBytes);
    return true;
  });
}

// A piece that contradicts the others comes from a peer that numbers wrongly: none of them means anything.
bool FlowAssembler::fits(const Partial& partial, const wire::FlowPiece& piece) {
  if (partial.bytes + piece.bytes.size() > wire::kMaxFlowMessageBytes) return false;
  if (partial.count) return !piece.last && piece.position < *partial.count;
  return !piece.last || partial.pieces.size() <= std::size_t{piece.position} + 1;
}

std::optional<Bytes> FlowAssembler::on_piece(FlowId flow, const wire::FlowPiece& piece) {
  auto& partial = partial_of(flow, piece.message);
  if (piece.position < partial.pieces.size() && !partial.pieces[piece.position].empty()) return std::nullopt;
  if (!fits(partial, piece) || !memory_.take(piece.bytes.size() + kFlowMessageCostBytes)) {
    ++stats_.dropped_incomplete;
    forget(flow, piece.message);
    return std::nullopt;
  }
  if (partial.pieces.size() <= piece.position) partial.pieces.resize(std::size_t{piece.position} + 1);
  partial.pieces[piece.position] = to_bytes(piece.bytes);
  partial.bytes += piece.bytes.size();
  ++partial.arrived;
  if (piece.last) partial.count = std::size_t{piece.position} + 1;
  if (partial.count != partial.arrived) return std::nullopt;
  Bytes message;
  message.reserve(partial.bytes);
  for (const auto& part : partial.pieces) append(message, part);
  forget(flow, piece.message);
  return message;
}

}  // namespace footbridge::core
