#include "wire/heartbeat.hpp"

#include "base/assert.hpp"
#include "wire/rendezvous_fields.hpp"

namespace footbridge::wire {
namespace {

bool read_receipt(const ProtoReader& reader, const ProtoField& field, std::vector<Receipt>& out) {
  if (out.size() >= kMaxReportReceipts) return false;
  Receipt receipt;
  bool has_proxy = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_proxy = read_id(f, receipt.proxy);
      case 2: return read_bool(f, receipt.carried);
      case 3: return read_integer(f, kMaxReceiptLog2, receipt.log2_bytes);
      default: return true;
    }
  });
  if (!ok || !has_proxy) return false;
  out.push_back(receipt);
  return true;
}

bool read_time(const ProtoField& field, UnixSeconds& out) {
  std::uint64_t seconds = 0;
  if (!read_integer(field, UINT64_MAX, seconds)) return false;
  out = UnixSeconds{seconds};
  return true;
}

}  // namespace

std::optional<EgressReport> parse_egress_report(ByteView in) {
  EgressReport report;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_id(f, report.boot);
      case 2: return read_integer(f, UINT64_MAX, report.sequence);
      case 3: return read_time(f, report.sent_at);
      case 4: return read_enum(f, LoadClass::Full, LoadClass::Unknown, report.load);
      case 5: return read_bool(f, report.draining);
      case 6: return read_integer(f, UINT64_MAX, report.batch);
      case 7: return read_receipt(r, f, report.receipts);
      default: return true;
    }
  });
  if (!ok || report.boot == BootEpoch{}) return std::nullopt;
  return report;
}

std::optional<ReportAnswer> parse_report_answer(ByteView in) {
  ReportAnswer answer;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_id(f, answer.boot);
      case 2: return read_integer(f, UINT64_MAX, answer.sequence);
      case 3: return read_enum(f, ReportVerdict::WrongTime, ReportVerdict::Unknown, answer.verdict);
      case 4: return read_integer(f, UINT64_MAX, answer.last_sequence);
      default: return true;
    }
  });
  if (!ok || answer.boot == BootEpoch{}) return std::nullopt;
  return answer;
}

Bytes encode_egress_report(const EgressReport& report) {
  FB_ASSERT(report.boot != BootEpoch{} && report.receipts.size() <= kMaxReportReceipts);
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(1, report.boot.view()).integer(2, report.sequence).integer(3, count(report.sent_at));
  writer.integer(4, static_cast<std::uint64_t>(report.load)).integer(5, report.draining ? 1 : 0);
  writer.integer(6, report.batch);
  for (const auto& receipt : report.receipts) {
    FB_ASSERT(receipt.log2_bytes <= kMaxReceiptLog2);
    writer.message(7, [&](ProtoWriter& w) {
      w.bytes(1, receipt.proxy.view()).integer(2, receipt.carried ? 1 : 0).integer(3, receipt.log2_bytes);
    });
  }
  return out;
}

Bytes encode_report_answer(const ReportAnswer& answer) {
  FB_ASSERT(answer.boot != BootEpoch{});
  Bytes out;
  ProtoWriter(out)
      .bytes(1, answer.boot.view())
      .integer(2, answer.sequence)
      .integer(3, static_cast<std::uint64_t>(answer.verdict))
      .integer(4, answer.last_sequence);
  return out;
}

std::string_view name(LoadClass load) {
  switch (load) {
    case LoadClass::Unknown: return "unknown";
    case LoadClass::Light: return "light";
    case LoadClass::Half: return "half";
    case LoadClass::High: return "high";
    case LoadClass::Full: return "full";
  }
  FB_ASSERT(false);
}

std::string_view name(ReportVerdict verdict) {
  switch (verdict) {
    case ReportVerdict::Unknown: return "unknown";
    case ReportVerdict::Taken: return "taken";
    case ReportVerdict::Stale: return "stale";
    case ReportVerdict::WrongTime: return "wrong-time";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::wire
