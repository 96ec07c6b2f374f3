#include "core/netstate/report_gate.hpp"

#include <utility>

#include "base/assert.hpp"
#include "core/network/directory_keeper.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

// Drawn by whoever made the key, who is certified: nobody chooses another's bucket.
std::uint64_t bucket_of(const wire::ReporterKey& key) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | std::to_integer<std::uint64_t>(key.raw[i]);
  return out;
}

bool is_in_window(UnixMillis wall, UnixMillis time) {
  const auto window = static_cast<std::uint64_t>(Millis(kReportWindow).count());
  return count(time) <= count(wall) + window && count(wall) <= count(time) + window &&
         count(time) <= wire::kMaxUnixSeconds * 1000;
}

}  // namespace

Result<AdmittedReport, ReportRefusal> ReportGate::admit(TimePoint now, UnixMillis wall,
                                                        std::optional<std::uint64_t> source, ByteView signed_report) {
  if (is_too_often(now, source)) return ReportRefusal::TooOften;
  const auto parts = wire::parse_signed_report(signed_report);
  if (!parts) return ReportRefusal::Malformed;
  const auto reporter = identify(wall, parts->chain);
  if (!reporter) return reporter.error();
  if (!is_in_window(wall, parts->time)) return ReportRefusal::OutOfTime;
  if (!is_signed_by(reporter->key, *parts)) return ReportRefusal::Forged;
  auto report = wire::parse_state_report(parts->report);
  if (!report) return ReportRefusal::Malformed;
  if (report->role != reporter->role) return ReportRefusal::WrongRole;
  return judge(now, {std::move(*report), reporter->key, source});
}

Result<AdmittedReport, ReportRefusal> ReportGate::admit_unsigned(TimePoint now, const wire::StateReport& report) {
  FB_ASSERT(wire::is_sound(report));
  return judge(now, {report});
}

// Signatures once for each chain; times and the serial each time.
Result<ReporterIdentity, ReportRefusal> ReportGate::identify(UnixMillis wall, ByteView chain) {
  const auto mark = crypto::blake2b<32>(chain);
  auto found = chains_.find(mark);
  if (found == chains_.end()) {
    const auto opened = open_reporter_chain(root_, chain);
    if (!opened) return opened.error();
    if (chains_.size() >= kMaxKnownChains) {
      chains_.erase(chain_order_.front());
      chain_order_.pop_front();
    }
    found = chains_.emplace(mark, *opened).first;
    chain_order_.push_back(mark);
  }
  const auto& reporter = found->second;
  if (reporter.serial < serial_) return ReportRefusal::Superseded;
  const auto clock = count(seconds_of(wall));
  if (count(reporter.valid.from) > clock + kClockToleranceSeconds || count(reporter.valid.until) <= clock)
    return ReportRefusal::Over;
  return reporter;
}

Result<AdmittedReport, ReportRefusal> ReportGate::judge(TimePoint now, AdmittedReport one) {
  while (const auto due = forget_at_.pop_due(now)) forget(*due);
  // A public key is everybody's: one who empties its bucket would silence all pages. Their sources have one each.
  const bool is_of_source = wire::is_public(one.report.role) && one.source;
  if (!is_of_source && keys_.take(now, bucket_of(one.key))) return ReportRefusal::TooOften;
  const auto& report = one.report;
  if (report.egress) {
    const auto speaker = speakers_.find(*report.egress);
    if (speaker != speakers_.end() && nodes_.at(speaker->second).key != one.key) return ReportRefusal::Taken;
  }
  const auto found = nodes_.find(report.node);
  if (found == nodes_.end()) {
    if (!has_room(one)) return ReportRefusal::Full;
    return one;
  }
  const auto& known = found->second;
  if (known.key != one.key || known.egress != report.egress) return ReportRefusal::Taken;
  if (report.sequence <= known.sequence) return ReportRefusal::Stale;
  return one;
}

void ReportGate::keep(TimePoint now, const AdmittedReport& one) {
  const auto& report = one.report;
  auto found = nodes_.find(report.node);
  if (found == nodes_.end()) {
    const bool of_page = wire::is_public(report.role);
    found = nodes_.emplace(report.node, Known{one.key, 0, of_page, one.source, report.egress}).first;
    ++nodes_of_key_[one.key];
    page_nodes_ += of_page ? 1 : 0;
    if (of_page && one.source) ++page_nodes_of_source_[*one.source];
  }
  auto& known = found->second;
  known.sequence = report.sequence;
  if (known.egress) speakers_[*known.egress] = report.node;
  forget_at_.set(report.node, now + kNodeRemembered);
}

bool ReportGate::has_room(const AdmittedReport& one) const {
  if (nodes_.size() >= kMaxKnownNodes) return false;
  const auto of_key = nodes_of_key_.find(one.key);
  if (of_key != nodes_of_key_.end() && of_key->second >= kMaxNodesOfKey) return false;
  if (!wire::is_public(one.report.role)) return true;
  if (page_nodes_ >= kMaxPageNodes) return false;
  const auto of_source = one.source ? page_nodes_of_source_.find(*one.source) : page_nodes_of_source_.end();
  return of_source == page_nodes_of_source_.end() || of_source->second < kMaxPageNodesOfSource;
}

void ReportGate::forget(const wire::NodeName& node) {
  const auto found = nodes_.find(node);
  const auto& known = found->second;
  if (const auto of_key = nodes_of_key_.find(known.key); --of_key->second == 0) nodes_of_key_.erase(of_key);
  page_nodes_ -= known.of_page ? 1 : 0;
  if (known.of_page && known.source) {
    const auto of_source = page_nodes_of_source_.find(*known.source);
    if (--of_source->second == 0) page_nodes_of_source_.erase(of_source);
  }
  if (known.egress) {
    const auto speaker = speakers_.find(*known.egress);
    if (speaker != speakers_.end() && speaker->second == node) speakers_.erase(speaker);
  }
  nodes_.erase(found);
}

}  // namespace footbridge::core
