#include "wire/protobuf.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

Bytes hex(std::string_view text) { return parse_hex(text).value(); }

TEST(Protobuf, ReadsTheExamplesOfItsSpecification) {
  const auto in =
      hex("089601"
          "120774657374696e67");
  ProtoReader reader(in);
  auto field = reader.next().value();
  EXPECT_EQ(field.number, 1U);
  EXPECT_EQ(field.integer, 150U);
  field = reader.next().value();
  EXPECT_EQ(field.number, 2U);
  EXPECT_EQ(as_text(field.bytes), "testing");
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.ok());
}

TEST(Protobuf, WritesTheExamplesOfItsSpecification) {
  Bytes out;
  ProtoWriter(out).integer(1, 150).text(2, "testing").message(3, [](ProtoWriter& w) { w.integer(1, 150); });
  EXPECT_EQ(encode_hex(out), "089601120774657374696e671a03089601");
}

TEST(Protobuf, LeavesOutWhatProto3LeavesOut) {
  Bytes out;
  ProtoWriter writer(out);
  writer.integer(1, 0).bytes(2, {});
  EXPECT_TRUE(out.empty());
  writer.present_integer(1, 0).element(2, {}).message(3, [](ProtoWriter&) {});
  EXPECT_EQ(encode_hex(out), "080012001a00");
}

TEST(Protobuf, KeepsSixtyFourBits) {
  for (const auto value : {std::uint64_t{1}, std::uint64_t{127}, std::uint64_t{128}, UINT64_MAX}) {
    Bytes out;
    ProtoWriter(out).integer(kMaxProtoField, value);
    ProtoReader reader(out);
    const auto field = reader.next().value();
    EXPECT_EQ(field.number, kMaxProtoField);
    EXPECT_EQ(field.integer, value);
  }
}

TEST(Protobuf, SkipsFixedWidthFields) {
  const auto in =
      hex("0d01020304"
          "110102030405060708"
          "1801");
  ProtoReader reader(in);
  EXPECT_EQ(reader.next().value().type, ProtoType::Fixed32);
  EXPECT_EQ(reader.next().value().type, ProtoType::Fixed64);
  EXPECT_EQ(reader.next().value().integer, 1U);
  EXPECT_TRUE(reader.ok());
}

TEST(Protobuf, RefusesWhatIsNotAMessage) {
  for (const auto* bad : {
           "08",                        // tag without value
           "0880",                      // cut varint
           "08ffffffffffffffffff02",    // 65 bits
           "08ffffffffffffffffffff01",  // eleven bytes
           "1205616263",                // length beyond the end
           "12ffffffffffffffffff01",    // length of 2^64 - 1
           "0001",                      // field number 0
           "808080801001",              // field number 2^29
           "0b0c",                      // group
           "0e", "0f01",                // wire types 6 and 7
           "0d010203",                  // cut fixed32
       }) {
    const auto in = hex(bad);
    ProtoReader reader(in);
    while (reader.next()) {
    }
    EXPECT_FALSE(reader.ok()) << bad;
  }
}

TEST(Protobuf, StopsAtTheEighthLevel) {
  Bytes in;
  for (unsigned level = 1; level < 40; ++level) {
    Bytes outer;
    ProtoWriter(outer).element(1, in);
    in = std::move(outer);
  }
  ProtoReader reader(in);
  unsigned levels = 1;
  while (const auto field = reader.next()) {
    reader = reader.nested(*field);
    if (reader.ok()) ++levels;
  }
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(levels, kMaxProtoNesting);
}

TEST(Protobuf, DoesNotTakeAnIntegerForAMessage) {
  const auto in = hex("0805");
  ProtoReader reader(in);
  const auto field = reader.next().value();
  EXPECT_FALSE(reader.nested(field).ok());
  EXPECT_FALSE(field.bytes_between(0, 100));
  EXPECT_FALSE(field.unsigned_up_to(4));
  EXPECT_EQ(field.unsigned_up_to(5), 5U);
}

}  // namespace
}  // namespace footbridge::wire
