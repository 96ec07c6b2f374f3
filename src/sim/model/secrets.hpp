// Secrets: what those who ask a broker have told it about themselves, and what nobody else may find in an answer. Kept
// in pieces of eight bytes, so that a part of it counts as well.
//
// Thread: one.
#pragma once

#include <bitset>
#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "base/bytes.hpp"
#include "sim/trace.hpp"

namespace footbridge::sim::model {

class Secrets {
 public:
  void keep(Actor owner, ByteView secret) {
    for (std::size_t at = 0; at + kPiece <= secret.size(); at += kPiece) {
      const auto piece = piece_at(secret, at);
      begins_.set(piece & 0xFFFF);
      whose_.try_emplace(piece, owner);
    }
  }
  // Whose secret stands in what `reader` is told, other than his own.
  std::optional<Actor> told_to(Actor reader, ByteView body) const {
    for (std::size_t at = 0; at + kPiece <= body.size(); ++at) {
      const auto piece = piece_at(body, at);
      if (!begins_.test(piece & 0xFFFF)) continue;
      const auto found = whose_.find(piece);
      if (found == whose_.end()) continue;
      const auto& owner = found->second;
      if (owner.kind != reader.kind || owner.number != reader.number) return owner;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPiece = 8;
  static std::uint64_t piece_at(ByteView bytes, std::size_t at) {
    std::uint64_t out = 0;
    std::memcpy(&out, bytes.data() + at, kPiece);
    return out;
  }
  std::bitset<0x10000> begins_;  // few bytes of an answer pass it
  std::unordered_map<std::uint64_t, Actor> whose_;
};

}  // namespace footbridge::sim::model
