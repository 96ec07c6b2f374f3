// Descriptions of egresses, which travel from operator to operator and to clients: refused with one line, or read; and
// what was read is the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "base/assert.hpp"
#include "memory_file.hpp"
#include "ops/errors.hpp"
#include "programs/egress_descriptor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const fuzz::MemoryFile file(as_bytes(data, size));
  std::vector<EgressDescriptor> read;
  try {
    read = read_egress_file("--egress-file", {file.path()});
  } catch (const ops::UsageError& refusal) {
    FB_ASSERT(std::string_view(refusal.what()).find('\n') == std::string_view::npos);
    return 0;
  }
  FB_ASSERT(!read.empty() && read.size() <= kMaxEgresses);
  std::string text;
  std::set<std::string> ids;
  for (const auto& egress : read) {
    FB_ASSERT(is_egress_id(egress.id) && ids.insert(egress.id).second);
    text += descriptor_text(egress);
  }
  const fuzz::MemoryFile written(as_bytes(text));
  const auto again = read_egress_file("--egress-file", {written.path()});
  FB_ASSERT(again.size() == read.size());
  for (std::size_t i = 0; i < read.size(); ++i) FB_ASSERT(descriptor_text(again[i]) == descriptor_text(read[i]));
  return 0;
}
