#include "wire/netstate_report.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "wire/network_fields.hpp"

namespace footbridge::wire {
namespace {

// In the order of their numbers, which begin with 1.
constexpr std::array<std::string_view, kNodeRoles> kRoles{"volunteer", "page", "extension", "broker", "egress"};
constexpr std::array<std::string_view, 5> kStates{"ready", "helping", "paused", "draining", "gone"};
static_assert(kRoles.size() == static_cast<std::size_t>(NodeRole::Egress));
static_assert(kStates.size() == static_cast<std::size_t>(NodeState::Gone));

bool read_leg(const ProtoReader& reader, const ProtoField& field, std::vector<ReportedLeg>& out) {
  if (out.size() >= kMaxReportLegs) return false;
  ReportedLeg leg;
  bool has_egress = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_egress = read_id(f, leg.egress);
      case 2: return read_integer(f, kMaxReportedCount, leg.people);
      default: return true;
    }
  });
  if (!ok || !has_egress) return false;
  out.push_back(leg);
  return true;
}

// Finer than a step is not kept, whoever said it.
bool read_kib(const ProtoField& field, std::uint64_t& out) {
  if (!read_integer(field, kMaxReportedKib, out)) return false;
  out = in_steps(out);
  return true;
}

bool read_tag(const ProtoField& field, std::string& out) {
  const auto bytes = field.bytes_between(0, kMaxTagChars);
  if (!bytes || (!bytes->empty() && !is_tag(as_text(*bytes)))) return false;
  out = to_string(*bytes);
  return true;
}

bool is_whole(const StateReport& report) {
  const bool is_egress = report.role == NodeRole::Egress;
  return report.sequence > 0 && report.egress.has_value() == is_egress && (carries(report.role) || report.legs.empty());
}

}  // namespace

std::optional<StateReport> parse_state_report(ByteView in) {
  if (in.size() > kMaxStateReportBytes) return std::nullopt;
  StateReport out;
  bool has_node = false;
  bool has_role = false;
  bool has_state = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_node = read_id(f, out.node);
      case 2: return has_role = read_known(f, NodeRole::Egress, out.role);
      case 3: return read_integer(f, UINT64_MAX, out.sequence);
      case 4: return has_state = read_known(f, NodeState::Gone, out.state);
      case 5: return read_leg(r, f, out.legs);
      case 7: return read_integer(f, kMaxReportedCount, out.sessions);
      case 10: return read_kib(f, out.up_kib);
      case 11: return read_kib(f, out.down_kib);
      case 12: return read_tag(f, out.tag);
      case 13: return read_id(f, out.egress);
      default: return true;
    }
  });
  if (!ok || !has_node || !has_role || !has_state || !is_whole(out)) return std::nullopt;
  return out;
}

std::optional<SignedStateReport> parse_signed_report(ByteView in) {
  if (in.size() > kMaxSignedReportBytes) return std::nullopt;
  SignedStateReport out;
  bool has_signature = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    std::uint64_t time = 0;
    switch (f.number) {
      case 1: return read_bytes(f, 1, kMaxStateReportBytes, out.report);
      case 2: return read_integer(f, UINT64_MAX, time) && (out.time = UnixMillis{time}, true);
      case 3: return has_signature = read_id(f, out.signature);
      case 4: return read_bytes(f, 1, kMaxReporterChainBytes, out.chain);
      default: return true;
    }
  });
  if (!ok || !has_signature || out.report.empty() || out.chain.empty()) return std::nullopt;
  return out;
}

std::optional<ReporterCertificate> parse_reporter_certificate(ByteView in) {
  if (in.size() > kMaxReporterCertificateBytes) return std::nullopt;
  ReporterCertificate out;
  bool has_key = false;
  bool has_role = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_key = read_id(f, out.key);
      case 2: return has_role = read_known(f, NodeRole::Egress, out.role);
      case 3: return read_time(f, out.until);
      default: return true;
    }
  });
  if (!ok || !has_key || !has_role) return std::nullopt;
  return out;
}

std::optional<ReporterChain> parse_reporter_chain(ByteView in) {
  if (in.size() > kMaxReporterChainBytes) return std::nullopt;
  ReporterChain out;
  bool has_directory_key = false;
  bool has_signature = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_directory_key = read_certificate(f, kMaxReporterChainBytes, out.directory_key);
      case 2: return read_bytes(f, 1, kMaxReporterCertificateBytes, out.certificate);
      case 3: return has_signature = read_id(f, out.signature);
      default: return true;
    }
  });
  if (!ok || !has_directory_key || !has_signature || out.certificate.empty()) return std::nullopt;
  return out;
}

std::optional<std::vector<ByteView>> parse_report_batch(ByteView in) {
  if (in.size() > kMaxReportBatchBytes) return std::nullopt;
  std::vector<ByteView> out;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    if (f.number != 1) return true;
    const auto bytes = out.size() < kMaxBatchReports ? f.bytes_between(1, kMaxSignedReportBytes) : std::nullopt;
    if (bytes) out.push_back(*bytes);
    return bytes.has_value();
  });
  if (!ok || out.empty()) return std::nullopt;
  return out;
}

bool is_sound(const StateReport& report) {
  const auto counts = [](const ReportedLeg& leg) { return leg.people <= kMaxReportedCount; };
  const auto in_whole_steps = [](std::uint64_t kib) { return kib == in_steps(kib); };
  return is_whole(report) && report.legs.size() <= kMaxReportLegs && std::ranges::all_of(report.legs, counts) &&
         report.sessions <= kMaxReportedCount && in_whole_steps(report.up_kib) && in_whole_steps(report.down_kib) &&
         (report.tag.empty() || is_tag(report.tag));
}

Bytes encode_state_report(const StateReport& report) {
  FB_ASSERT(is_sound(report));
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(1, report.node.view()).integer(2, static_cast<std::uint64_t>(report.role)).integer(3, report.sequence);
  writer.integer(4, static_cast<std::uint64_t>(report.state));
  for (const auto& leg : report.legs)
    writer.message(5, [&](ProtoWriter& w) { w.bytes(1, leg.egress.view()).integer(2, leg.people); });
  writer.integer(7, report.sessions).integer(10, report.up_kib).integer(11, report.down_kib).text(12, report.tag);
  if (report.egress) writer.bytes(13, report.egress->view());
  return out;
}

Bytes encode_signed_report(const SignedStateReport& report) {
  Bytes out;
  ProtoWriter(out)
      .bytes(1, report.report)
      .integer(2, count(report.time))
      .bytes(3, report.signature.view())
      .bytes(4, report.chain);
  FB_ASSERT(out.size() <= kMaxSignedReportBytes);
  return out;
}

Bytes encode_reporter_certificate(const ReporterCertificate& certificate) {
  Bytes out;
  ProtoWriter(out)
      .bytes(1, certificate.key.view())
      .integer(2, static_cast<std::uint64_t>(certificate.role))
      .integer(3, count(certificate.until));
  return out;
}

Bytes encode_reporter_chain(const ReporterChain& chain) {
  Bytes out;
  ProtoWriter(out)
      .bytes(1, encode_signed_certificate(chain.directory_key))
      .bytes(2, chain.certificate)
      .bytes(3, chain.signature.view());
  FB_ASSERT(out.size() <= kMaxReporterChainBytes);
  return out;
}

Bytes encode_report_batch(const std::vector<Bytes>& reports) {
  FB_ASSERT(!reports.empty() && reports.size() <= kMaxBatchReports);
  Bytes out;
  for (const auto& report : reports) ProtoWriter(out).element(1, report);
  return out;
}

bool is_tag(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t numbers = 0, run = 0, longest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    numbers += is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]));
    run = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f') ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return text.size() <= kMaxTagChars && numbers <= kMaxTagNumbers && longest <= kMaxTagHexRun && is_entry_name(text);
}

std::string_view name(NodeRole role) { return kRoles[static_cast<std::size_t>(role) - 1]; }

std::optional<NodeRole> role_named(std::string_view text) {
  const auto found = std::ranges::find(kRoles, text);
  if (found == kRoles.end()) return std::nullopt;
  return static_cast<NodeRole>(found - kRoles.begin() + 1);
}

std::string_view name(NodeState state) { return kStates[static_cast<std::size_t>(state) - 1]; }

}  // namespace footbridge::wire
