// The subset of protobuf our messages use: varint and length-delimited fields, nested messages, repeated bytes.
// Source: protobuf.dev/programming-guides/encoding. Fixed-width fields are skipped, groups are refused.
//
// Reading never allocates: a field is a number and a view into the input; the caller checks its bound and its count
// before it copies. Nesting is bounded by kMaxProtoNesting. Unknown fields are skipped without looking inside.
// A known field with another wire type is an error of the peer. Of a singular field that comes twice, the last counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace footbridge::wire {

inline constexpr unsigned kMaxProtoNesting = 8;                  // our deepest message has three levels
inline constexpr std::uint32_t kMaxProtoField = (1U << 29) - 1;  // the largest field number protobuf knows

enum class ProtoType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct ProtoField {
  std::uint32_t number = 0;
  ProtoType type = ProtoType::Varint;
  std::uint64_t integer = 0;  // of a Varint
  ByteView bytes;             // of Bytes; points into the input

  // nullopt: another wire type, or outside the bound.
  std::optional<std::uint64_t> unsigned_up_to(std::uint64_t most) const;
  std::optional<ByteView> bytes_between(std::size_t least, std::size_t most) const;
};

// Walks the fields of one message.
class ProtoReader {
 public:
  explicit ProtoReader(ByteView in) : in_(in) {}
  // A reader for the message inside `field`; fails at once if the field is not Bytes or lies too deep.
  ProtoReader nested(const ProtoField& field) const;

  // nullopt: the end, or malformed input; ok() tells which.
  std::optional<ProtoField> next();
  bool ok() const { return !failed_; }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<ByteView> take(std::uint64_t count);
  std::optional<ProtoField> fail();

  ByteView in_;
  unsigned depth_ = 0;
  bool failed_ = false;
};

// Appends fields to a buffer that outlives it. Zero integers and empty byte strings are left out, as proto3 does.
class ProtoWriter {
 public:
  explicit ProtoWriter(Bytes& borrow_out) : out_(borrow_out) {}

  ProtoWriter& integer(std::uint32_t number, std::uint64_t value);
  // A member of a oneof: written even when zero, because its presence means something.
  ProtoWriter& present_integer(std::uint32_t number, std::uint64_t value);
  ProtoWriter& bytes(std::uint32_t number, ByteView value);
  ProtoWriter& text(std::uint32_t number, std::string_view value) { return bytes(number, as_bytes(value)); }
  // One element of a repeated field: written even when empty.
  ProtoWriter& element(std::uint32_t number, ByteView value);
  // A nested message: `write` fills it. Written even when it turns out empty.
  template <class Write>
  ProtoWriter& message(std::uint32_t number, const Write& write) {
    const auto start = begin_message(number);
    write(*this);
    end_message(start);
    return *this;
  }

 private:
  std::size_t begin_message(std::uint32_t number);
  void end_message(std::size_t start);
  void varint(std::uint64_t value);
  Bytes& out_;
};

}  // namespace footbridge::wire
