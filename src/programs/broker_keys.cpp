#include "programs/broker_keys.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>

#include "base/assert.hpp"
#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/toml_file.hpp"

namespace footbridge {
namespace {

UnixSeconds later(UnixSeconds at, std::uint64_t seconds) { return UnixSeconds{count(at) + seconds}; }

bool begins_earlier(const BrokerSecret& a, const BrokerSecret& b) { return a.valid.from < b.valid.from; }

BrokerSecret made(UnixSeconds from, Rng& rng) {
  return {crypto::X25519Secret::random(rng), {from, later(from, kBrokerKeySeconds)}};
}

}  // namespace

std::vector<BrokerSecret> renewed(std::vector<BrokerSecret> keys, UnixSeconds now, Rng& rng) {
  // One that begins later than tomorrow was made while the clock was wrong.
  std::erase_if(keys, [&](const BrokerSecret& key) {
    return key.valid.until <= now || key.valid.from > later(now, kBrokerKeyLeadSeconds);
  });
  std::sort(keys.begin(), keys.end(), begins_earlier);
  const auto next = std::find_if(keys.begin(), keys.end(), [&](const BrokerSecret& k) { return k.valid.from > now; });
  auto begun = next == keys.begin() ? std::optional<UnixSeconds>() : std::prev(next)->valid.from;
  const auto soon = later(now, kBrokerKeySlackSeconds);
  bool has_next = next != keys.end();
  // Nearly a day after the last one began: with what is announced the stale day of today's directory would have no key.
  // Earlier than it was told is no harm, whoever has the old directory waits; later would be.
  if (!begun || later(*begun, kBrokerKeyLeadSeconds) <= soon) {
    begun = now;
    if (has_next && next->valid.from <= soon) {
      next->valid.from = now;
      has_next = std::next(next) != keys.end();
    } else {
      keys.push_back(made(now, rng));  // the first, or after a long pause
    }
  }
  if (!has_next) keys.push_back(made(later(*begun, kBrokerKeyLeadSeconds), rng));
  std::sort(keys.begin(), keys.end(), begins_earlier);
  return keys;
}

std::vector<wire::BrokerKey> announced(const std::vector<BrokerSecret>& keys, UnixSeconds now) {
  std::vector<wire::BrokerKey> out;
  for (const auto& key : keys) {
    if (!out.empty() && key.valid.from <= now) out.clear();  // a newer one holds already
    if (out.size() < wire::kMaxBrokerKeys) out.push_back({{crypto::x25519_public(key.secret).raw}, key.valid});
  }
  FB_ASSERT(!out.empty() && out.front().valid.holds(now));
  return out;
}

std::vector<BrokerSecret> parse_broker_keys(std::string_view text, const std::string& place) {
  struct Draft {
    std::optional<crypto::X25519Secret> secret;
    wire::Validity valid;
  };
  std::map<std::string, Draft> drafts;
  for (const auto& setting : ops::parse_toml(text, place)) {
    const auto dot = setting.key.rfind('.');
    auto& draft = drafts[setting.key.substr(0, dot)];
    const auto key = dot == std::string::npos ? "" : setting.key.substr(dot + 1);
    const auto& value = setting.values.empty() ? std::string() : setting.values.front();
    std::uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    if (number > wire::kMaxUnixSeconds) number = 0;
    if (key == "secret") draft.secret = crypto::X25519Secret::from(parse_hex(value).value_or(Bytes{}));
    if (key == "from") draft.valid.from = UnixSeconds{number};
    if (key == "until") draft.valid.until = UnixSeconds{number};
  }
  std::vector<BrokerSecret> out;
  for (const auto& [table, draft] : drafts) {
    if (!draft.secret || draft.valid.length() == 0)
      throw ops::UsageError(place + ": not a broker's keys; remove it, and new ones will be made");
    out.push_back({*draft.secret, draft.valid});
  }
  return out;
}

Private<std::string> broker_keys_text(const std::vector<BrokerSecret>& keys) {
  std::string out = "# The secret keys of a broker; footbridge network directory makes and erases them.\n";
  for (const auto& key : keys)
    out += "[[key]]\nsecret = \"" + encode_hex(key.secret.reveal_to_primitive()) +
           "\"\nfrom = " + std::to_string(count(key.valid.from)) +
           "\nuntil = " + std::to_string(count(key.valid.until)) + "\n";
  return Private<std::string>(std::move(out));
}

}  // namespace footbridge
