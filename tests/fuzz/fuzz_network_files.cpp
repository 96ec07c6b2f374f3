// The files in an operator's folder, as somebody's editor left them: refused in one line, or read, and then the same
// when written and read again. What is read of a network always makes a directory.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "ops/errors.hpp"
#include "programs/broker_keys.hpp"
#include "programs/invite_rules.hpp"
#include "programs/network/invite_ledger.hpp"
#include "programs/network/network_config.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page

void check_config(std::string_view text) {
  const auto config = network::parse_network_config(text, "f");
  wire::Directory directory{.version = 1, .valid = {}, .egresses = config.egresses, .brokers = {}};
  for (const auto& broker : config.brokers) directory.brokers.push_back({broker.name, broker.addresses, {{}}});
  directory.stun_servers = config.stun_servers;
  directory.tactics = config.tactics;
  const auto bytes = wire::encode_directory(directory);
  FB_ASSERT(bytes.size() > wire::kMaxSignedDirectoryBytes || wire::parse_directory(bytes).has_value());
}

void check_ledger(std::string_view text) {
  const auto once = network::InviteLedger::parse(text, "f").text().reveal_to_socket();
  FB_ASSERT(network::InviteLedger::parse(once, "f").text().reveal_to_socket() == once);
}

void check_keys(std::string_view text) {
  const auto once = broker_keys_text(parse_broker_keys(text, "f")).reveal_to_socket();
  FB_ASSERT(broker_keys_text(parse_broker_keys(once, "f")).reveal_to_socket() == once);
  SeededRng rng(1);
  constexpr UnixSeconds kNow{5};
  const auto keys = renewed(parse_broker_keys(once, "f"), kNow, rng);
  FB_ASSERT(!announced(keys, kNow).empty());
}

void check_rules(std::string_view text) {
  const auto once = invite_rules_text(parse_invite_rules(text, "f")).reveal_to_socket();
  FB_ASSERT(invite_rules_text(parse_invite_rules(once, "f")).reveal_to_socket() == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = as_text(as_bytes(data, size).subspan(1));
  try {
    switch (data[0] % 4) {
      case 0: check_config(text); break;
      case 1: check_ledger(text); break;
      case 2: check_keys(text); break;
      default: check_rules(text); break;
    }
  } catch (const ops::UsageError& refusal) {
    FB_ASSERT(std::string_view(refusal.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
