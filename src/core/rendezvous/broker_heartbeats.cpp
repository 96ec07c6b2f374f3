// Broker, the egresses' side: what they report, and what follows for clients that wait.
#include <utility>

#include "core/rendezvous/broker.hpp"

namespace footbridge::core {

using wire::Refusal;

void Broker::on_heartbeat(TimePoint now, UnixSeconds unix_now, RequestKey key, const wire::Heartbeat& heartbeat) {
  auto heard = egresses_.on_heartbeat(now, unix_now, heartbeat, rng_);
  if (!heard) {
    ++stats_.heartbeats_forged;
    return refuse(key, Refusal::Malformed);  // as what cannot be read: which egresses are ours is nobody's business
  }
  ++(heard->verdict == wire::ReportVerdict::Taken ? stats_.heartbeats : stats_.heartbeats_unfit);
  for (const auto& receipt : heard->receipts) take_receipt(now, egresses_.run(heard->egress), receipt);
  send(key, {.body = wire::HeartbeatReply{std::move(heard->sealed_answer)}});
  if (!egresses_.takes_clients(heard->egress)) move_offers();
}

void Broker::take_receipt(TimePoint now, const ReportRun& run, const wire::Receipt& receipt) {
  const auto proxy = marks_.find(receipt.proxy);
  const bool counts = proxy && quality_.note_receipt(now, *proxy, run, {receipt.carried, receipt.log2_bytes});
  ++(counts ? stats_.receipts : stats_.receipts_unexpected);
  if (counts) restate(*proxy);
}

EgressBook::Replaced Broker::set_egresses(TimePoint now, UnixSeconds unix_now, std::vector<EgressEntry> egresses) {
  const auto replaced = egresses_.replace(std::move(egresses));
  move_offers();
  settle(now, unix_now);
  return replaced;
}

// Those that have been shown to a proxy already are left to it: its leg will say what is to be said.
void Broker::move_offers() {
  for (auto& [key, offer] : offers_) {
    if (egresses_.takes_clients(offer.egress) || !offer.pending.empty() || !offer.matches.empty()) continue;
    const auto other = offer.wished ? std::nullopt : egresses_.choose(std::nullopt, rng_);
    if (other) {
      offer.egress = *other;
      continue;
    }
    offer.wants_more = false;
    offer.why_not = offer.wished ? Refusal::EgressGone : Refusal::Busy;
    due_offers_.push_back(key);
  }
}

}  // namespace footbridge::core
