// The bytes of a stream in the model: each follows from the stream's key and its place, so that whoever reads it sees
// at once if one is missing, repeated, out of order or of another stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "sim/seed.hpp"

namespace footbridge::sim::model {

inline std::uint64_t pattern_word(std::uint64_t key, std::uint64_t index) {
  return mixed(key + (index + 1) * 0x9e3779b97f4a7c15ULL);
}

// Calls piece(at, bytes of the pattern from there on), at most eight bytes at a time, until one answers false.
template <class Piece>
bool each_pattern_piece(std::uint64_t key, std::uint64_t offset, std::size_t count, const Piece& piece) {
  for (std::size_t done = 0; done < count;) {
    const auto word = pattern_word(key, (offset + done) / 8);
    const auto skip = static_cast<std::size_t>((offset + done) % 8);
    const auto length = std::min(8 - skip, count - done);
    std::byte raw[8];
    std::memcpy(raw, &word, 8);
    if (!piece(done, ByteView(raw + skip, length))) return false;
    done += length;
  }
  return true;
}

inline void fill_pattern(std::uint64_t key, std::uint64_t offset, ByteSpan out) {
  each_pattern_piece(key, offset, out.size(), [&](std::size_t at, ByteView bytes) {
    std::memcpy(out.data() + at, bytes.data(), bytes.size());
    return true;
  });
}

inline bool matches_pattern(std::uint64_t key, std::uint64_t offset, ByteView in) {
  return each_pattern_piece(key, offset, in.size(), [&](std::size_t at, ByteView bytes) {
    return std::memcmp(in.data() + at, bytes.data(), bytes.size()) == 0;
  });
}

// The other direction of a stream has a pattern of its own.
inline std::uint64_t reply_key(std::uint64_t key) { return mixed(key ^ 0x5bd1e995); }

}  // namespace footbridge::sim::model
