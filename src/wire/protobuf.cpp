#include "wire/protobuf.hpp"

#include <array>

#include "base/assert.hpp"

namespace footbridge::wire {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;  // 64 bits, seven at a time

// Seven bits in a byte, the lowest first.
class Varint {
 public:
  explicit Varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) raw_[size_++] = static_cast<std::byte>(value | 0x80);
    raw_[size_++] = static_cast<std::byte>(value);
  }
  ByteView view() const { return ByteView(raw_).first(size_); }

 private:
  std::array<std::byte, kMaxVarintBytes> raw_{};
  std::size_t size_ = 0;
};

}  // namespace

std::optional<std::uint64_t> ProtoField::unsigned_up_to(std::uint64_t most) const {
  if (type != ProtoType::Varint || integer > most) return std::nullopt;
  return integer;
}

std::optional<ByteView> ProtoField::bytes_between(std::size_t least, std::size_t most) const {
  if (type != ProtoType::Bytes || bytes.size() < least || bytes.size() > most) return std::nullopt;
  return bytes;
}

ProtoReader ProtoReader::nested(const ProtoField& field) const {
  ProtoReader inner(field.bytes);
  inner.depth_ = depth_ + 1;
  if (field.type != ProtoType::Bytes || inner.depth_ >= kMaxProtoNesting) inner.fail();
  return inner;
}

std::optional<ProtoField> ProtoReader::next() {
  if (failed_ || in_.empty()) return std::nullopt;
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 3 > kMaxProtoField) return fail();
  ProtoField field;
  field.number = static_cast<std::uint32_t>(*tag >> 3);
  switch (*tag & 7) {
    case 0: {
      const auto value = varint();
      if (!value) return fail();
      field.integer = *value;
      return field;
    }
    case 1: field.type = ProtoType::Fixed64; return take(8) ? std::optional(field) : fail();
    case 2: {
      const auto length = varint();
      const auto body = length ? take(*length) : std::nullopt;
      if (!body) return fail();
      field.type = ProtoType::Bytes;
      field.bytes = *body;
      return field;
    }
    case 5: field.type = ProtoType::Fixed32; return take(4) ? std::optional(field) : fail();
    default: return fail();  // groups (3, 4) would need recursion to skip; 6 and 7 do not exist
  }
}

std::optional<std::uint64_t> ProtoReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMaxVarintBytes && i < in_.size(); ++i) {
    const auto byte = std::to_integer<std::uint64_t>(in_[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;  // more than 64 bits
    value |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    in_ = in_.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

std::optional<ByteView> ProtoReader::take(std::uint64_t count) {
  if (count > in_.size()) return std::nullopt;
  const auto out = in_.first(static_cast<std::size_t>(count));
  in_ = in_.subspan(out.size());
  return out;
}

std::optional<ProtoField> ProtoReader::fail() {
  failed_ = true;
  return std::nullopt;
}

ProtoWriter& ProtoWriter::integer(std::uint32_t number, std::uint64_t value) {
  return value == 0 ? *this : present_integer(number, value);
}

ProtoWriter& ProtoWriter::present_integer(std::uint32_t number, std::uint64_t value) {
  FB_ASSERT(number > 0 && number <= kMaxProtoField);
  varint(std::uint64_t{number} << 3);
  varint(value);
  return *this;
}

ProtoWriter& ProtoWriter::bytes(std::uint32_t number, ByteView value) {
  return value.empty() ? *this : element(number, value);
}

ProtoWriter& ProtoWriter::element(std::uint32_t number, ByteView value) {
  FB_ASSERT(number > 0 && number <= kMaxProtoField);
  varint(std::uint64_t{number} << 3 | 2);
  varint(value.size());
  append(out_, value);
  return *this;
}

std::size_t ProtoWriter::begin_message(std::uint32_t number) {
  FB_ASSERT(number > 0 && number <= kMaxProtoField);
  varint(std::uint64_t{number} << 3 | 2);
  return out_.size();
}

void ProtoWriter::end_message(std::size_t start) {
  // Its length is known when it is there, and goes in before it.
  const Varint length(out_.size() - start);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), length.view().begin(), length.view().end());
}

void ProtoWriter::varint(std::uint64_t value) { append(out_, Varint(value).view()); }

}  // namespace footbridge::wire
