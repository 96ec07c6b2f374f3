// Reports: what an egress tells its brokers: a Reporter for each, on connections of their own.
//
// Ownership: what it is given outlives it; close() it before it is destroyed. Throws ops::UsageError when --broker-ca
// cannot be used. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/egress/address_policy.hpp"
#include "crypto/secret_key.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"
#include "programs/broker_ways.hpp"
#include "programs/egress/reporter.hpp"
#include "programs/egress/told_brokers.hpp"
#include "quic/identity.hpp"

namespace footbridge::egress {

// Who we are to a broker.
struct EgressFace {
  const quic::SpkiPin& pin;
  std::string relay_url;
  const crypto::SecretKey& leg_key;
  wire::BootEpoch boot;
};

class Reports {
 public:
  // `ways`: only whom to believe.
  Reports(asio::any_io_executor executor, ToldBrokers& brokers, const WayOptions& ways, const EgressFace& face,
          Rng& rng, ReceiptDesk& receipts, EgressMetrics& metrics,
          std::function<core::Heartbeats::Condition()> condition);

  void start();
  // We are about to leave: tells it at once.
  void begin_goodbye(TimePoint now);
  // Returns when every broker has been told, or could not be; soon in any case. Nothing is told afterwards.
  asio::awaitable<void> close();

 private:
  asio::any_io_executor executor_;
  io::SystemResolver resolver_;
  // A broker's address comes from our operator's own configuration.
  const core::AddressPolicy anywhere_ = core::AddressPolicy::unrestricted();
  io::Connector connector_;
  io::TlsClient trust_;
  std::vector<std::unique_ptr<Reporter>> reporters_;
  io::Wakeup changed_;
  ToldBrokers& brokers_;
};

}  // namespace footbridge::egress
