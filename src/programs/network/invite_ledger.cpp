#include "programs/network/invite_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/toml_file.hpp"

namespace footbridge::network {
namespace {

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::min(number, wire::kMaxUnixSeconds);
}

struct Draft {
  LedgerEntry entry;
  bool has_id = false;
};

void take(Draft& draft, std::string_view key, const std::string& value) {
  auto& entry = draft.entry;
  if (key == "name") entry.name = value;
  if (key == "id") {
    const auto id = wire::InviteId::from(parse_hex(value).value_or(Bytes{}));
    draft.has_id = id.has_value();
    if (id) entry.id = *id;
  }
  if (key == "made") entry.made = UnixSeconds{number_of(value)};
  if (key == "until") entry.until = UnixSeconds{number_of(value)};
  if (key == "uses")
    entry.uses = static_cast<std::uint32_t>(std::min<std::uint64_t>(number_of(value), wire::kMaxInviteUses));
  if (key == "revoked") entry.revoked = UnixSeconds{number_of(value)};
  if (key == "tester") entry.tester = value == "true";
}

}  // namespace

InviteLedger InviteLedger::parse(std::string_view text, const std::string& place) {
  std::vector<Draft> drafts;
  for (const auto& setting : ops::parse_toml(text, place)) {
    constexpr std::string_view kTable = "invite.";
    const auto dot = setting.key.rfind('.');
    std::size_t index = kMaxLedgerEntries;
    if (setting.key.starts_with(kTable) && dot > kTable.size())
      std::from_chars(setting.key.data() + kTable.size(), setting.key.data() + dot, index);
    if (index >= kMaxLedgerEntries || setting.values.size() != 1)
      throw ops::UsageError(setting.place + ": not a line of a ledger of invites");
    if (drafts.size() <= index) drafts.resize(index + 1);
    take(drafts[index], std::string_view(setting.key).substr(dot + 1), setting.values.front());
  }
  InviteLedger out;
  for (auto& draft : drafts) {
    if (!draft.has_id || !wire::is_network_name(draft.entry.name))
      throw ops::UsageError(place + ": an invite in this ledger lacks its name or its id");
    out.entries_.push_back(std::move(draft.entry));
  }
  return out;
}

Private<std::string> InviteLedger::text() const {
  std::string out = "# Who was invited; footbridge network invite and revoke write it. It says who belongs together.\n";
  for (const auto& entry : entries_) {
    out += "[[invite]]\nname = " + ops::toml_text(entry.name) + "\nid = \"" + encode_hex(entry.id.view()) +
           "\"\nmade = " + std::to_string(count(entry.made)) + "\nuntil = " + std::to_string(count(entry.until)) +
           "\nuses = " + std::to_string(entry.uses) + "\n";
    if (entry.tester) out += "tester = true\n";
    if (entry.revoked) out += "revoked = " + std::to_string(count(*entry.revoked)) + "\n";
  }
  return Private<std::string>(std::move(out));
}

InviteLedger::Added InviteLedger::add(LedgerEntry entry, UnixSeconds now) {
  std::erase_if(entries_, [&](const LedgerEntry& old) {
    return old.revoked && count(*old.revoked) + kLedgerRemembersSeconds < count(now);
  });
  const auto has_one = [&](const LedgerEntry& old) { return old.name == entry.name && old.holds(now); };
  if (std::any_of(entries_.begin(), entries_.end(), has_one)) return Added::HasOne;
  if (entries_.size() >= kMaxLedgerEntries) {
    const auto first_revoked = std::ranges::min_element(entries_, {}, [&](const LedgerEntry& old) {
      return std::pair(!old.revoked, old.revoked);  // what is not comes behind all that is
    });
    if (!first_revoked->revoked) return Added::Full;
    entries_.erase(first_revoked);
  }
  entries_.push_back(std::move(entry));
  return Added::Yes;
}

bool InviteLedger::revoke(std::string_view name, UnixSeconds now) {
  bool any = false;
  for (auto& entry : entries_) {
    if (entry.name != name || entry.revoked) continue;
    entry.revoked = now;
    any = true;
  }
  return any;
}

}  // namespace footbridge::network
