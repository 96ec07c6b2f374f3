// The protobuf subset by itself, deeper than our messages go: every field points into the input, nothing recurses
// without end, and what was read is the same when it is written and read again.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/protobuf.hpp"

namespace {

using namespace footbridge;

std::size_t walk(wire::ProtoReader reader, ByteView whole, unsigned depth) {
  FB_ASSERT(depth <= wire::kMaxProtoNesting);
  std::size_t fields = 0;
  while (const auto field = reader.next()) {
    ++fields;
    FB_ASSERT(field->number >= 1 && field->number <= wire::kMaxProtoField);
    if (field->type != wire::ProtoType::Bytes) continue;
    FB_ASSERT(field->bytes.empty() || (field->bytes.data() >= whole.data() &&
                                       field->bytes.data() + field->bytes.size() <= whole.data() + whole.size()));
    // The first of each level only: all of them would be exponential, and nobody's messages are.
    if (fields == 1) walk(reader.nested(*field), whole, depth + 1);
  }
  return fields;
}

Bytes rewrite(ByteView in) {
  Bytes out;
  wire::ProtoWriter writer(out);
  wire::ProtoReader reader(in);
  while (const auto field = reader.next()) {
    if (field->type == wire::ProtoType::Varint) writer.present_integer(field->number, field->integer);
    if (field->type == wire::ProtoType::Bytes) writer.element(field->number, field->bytes);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = as_bytes(data, size);
  walk(wire::ProtoReader(in), in, 0);
  const auto once = rewrite(in);
  FB_ASSERT(rewrite(once) == once);
  return 0;
}
