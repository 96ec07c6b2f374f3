#include "core/rendezvous/invite_desk.hpp"

#include <string_view>
#include <utility>

#include "crypto/primitives.hpp"

namespace footbridge::core {

using wire::Refusal;

namespace {

constexpr std::string_view kInviteContext{"footbridge invite mark 1\0", 25};
constexpr std::string_view kInstallationContext{"footbridge installation mark 1\0", 31};

}  // namespace

InviteMark mark_of(const wire::InviteId& invite) {
  auto whole = to_bytes(kInviteContext);
  append(whole, invite.view());
  return {crypto::blake2b<InviteMark::kBytes>(whole)};
}

InstallationMark mark_of(const wire::InviteId& invite, const SelfTag& installation) {
  auto whole = to_bytes(kInstallationContext);
  append(whole, invite.view());
  append(whole, installation.view());
  return {crypto::blake2b<InstallationMark::kBytes>(whole)};
}

InviteDesk::InviteDesk(InviteRules rules, std::span<const Guest> known) : needed_(rules.needed) {
  replace(std::move(rules));
  for (const auto& guest : known)
    if (const auto entry = entries_.find(guest.invite); entry != entries_.end())
      static_cast<void>(let_in(entry->second, guest.installation));
}

void InviteDesk::replace(InviteRules rules) {
  needed_ = rules.needed;
  auto before = std::exchange(entries_, {});
  installations_ = 0;
  for (auto& rule : rules.invites) {
    if (const auto said = entries_.find(rule.mark); said != entries_.end()) {
      said->second.rule.revoked |= rule.revoked;
      continue;
    }
    if (entries_.size() >= kMaxInvites) continue;
    auto& entry = entries_[rule.mark];
    entry.rule = rule;
    if (const auto old = before.find(rule.mark); old != before.end()) {
      installations_ += old->second.installations.size();
      entry.installations = std::move(old->second.installations);
    }
  }
}

Result<std::optional<Guest>, Refusal> InviteDesk::admit(UnixSeconds now, const std::optional<wire::InviteId>& invite,
                                                        const SelfTag& installation) {
  const auto found = invite ? entries_.find(mark_of(*invite)) : entries_.end();
  if (found != entries_.end() && found->second.rule.revoked) return Refusal::InviteRevoked;
  if (!needed_ && (found == entries_.end() || !found->second.rule.tester)) return std::optional<Guest>();
  if (found == entries_.end()) return Refusal::InviteNeeded;
  auto& entry = found->second;
  const Guest guest{found->first, mark_of(*invite, installation)};
  if (entry.installations.contains(guest.installation)) return std::optional(guest);
  if (now >= entry.rule.until) return Refusal::InviteOver;
  if (entry.installations.size() >= entry.rule.uses) return Refusal::InviteUsedUp;
  if (!let_in(entry, guest.installation)) return Refusal::Busy;
  new_.push_back(guest);
  return std::optional(guest);
}

bool InviteDesk::let_in(Entry& entry, const InstallationMark& who) {
  if (installations_ >= kMaxInstallations) return false;
  if (entry.installations.insert(who).second) ++installations_;
  return true;
}

bool InviteDesk::is_tester(const Guest& guest) const {
  const auto found = entries_.find(guest.invite);
  return found != entries_.end() && found->second.rule.tester && !found->second.rule.revoked;
}

std::optional<Refusal> InviteDesk::objection(const std::optional<Guest>& guest) const {
  if (!guest) return needed_ ? std::optional(Refusal::InviteNeeded) : std::nullopt;
  const auto found = entries_.find(guest->invite);
  if (found == entries_.end()) return needed_ ? std::optional(Refusal::InviteNeeded) : std::nullopt;
  return found->second.rule.revoked ? std::optional(Refusal::InviteRevoked) : std::nullopt;
}

std::optional<Guest> InviteDesk::next_new() {
  if (new_.empty()) return std::nullopt;
  const auto out = new_.front();
  new_.pop_front();
  return out;
}

std::vector<Guest> InviteDesk::all() const {
  std::vector<Guest> out;
  out.reserve(installations_);
  for (const auto& [mark, entry] : entries_)
    for (const auto& who : entry.installations) out.push_back({mark, who});
  return out;
}

}  // namespace footbridge::core
