// What reporters send to netstate: batches, signed reports, chains, certificates and what is inside. What is read must
// be the same when it was written and read again, and says nothing that could be an address.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/netstate_report.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page

template <class Parse, class Encode>
void check(ByteView in, Parse parse, Encode encode) {
  const auto read = parse(in);
  if (!read) return;
  const auto once = encode(*read);
  const auto again = parse(once);
  FB_ASSERT(again && encode(*again) == once);
}

void check_report(ByteView in) {
  const auto report = wire::parse_state_report(in);
  if (!report) return;
  FB_ASSERT(wire::parse_state_report(wire::encode_state_report(*report)) == report);
  FB_ASSERT(report->legs.size() <= wire::kMaxReportLegs && !wire::name(report->role).empty());
  FB_ASSERT(report->tag.empty() || wire::is_tag(report->tag));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = as_bytes(data, size);
  check_report(in);
  check(in, wire::parse_reporter_certificate, wire::encode_reporter_certificate);
  check(in, wire::parse_reporter_chain, wire::encode_reporter_chain);
  check(in, wire::parse_signed_report, wire::encode_signed_report);
  if (const auto batch = wire::parse_report_batch(in)) {
    for (const auto one : *batch) {
      const auto inside = wire::parse_signed_report(one);
      if (inside) check_report(inside->report);
    }
  }
  return 0;
}
