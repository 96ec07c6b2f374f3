// A row of people with and without invites at one desk, while the operator changes his rules and the broker is
// restarted: no invite lets in more installations than it ever had uses, nobody comes in by one that is revoked or
// unknown, who was let in comes in again, and a restart changes none of that.
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/invite_desk.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page
using namespace footbridge::core;

constexpr std::size_t kMaxDeeds = 300;
constexpr std::size_t kInvites = 5;
constexpr std::size_t kPeople = 7;
constexpr std::uint64_t kStart = 1'800'000'000;

class Row {
 public:
  explicit Row(fuzz::Deeds& deeds) : deeds_(deeds) {
    for (std::size_t i = 0; i < kInvites; ++i) invites_.push_back(wire::InviteId::random(rng_));
    for (std::size_t i = 0; i < kPeople; ++i) tags_.push_back(SelfTag::random(rng_));
  }
  void play() {
    change();
    for (std::size_t i = 0; i < kMaxDeeds && !deeds_.empty(); ++i) {
      switch (deeds_.below(8)) {
        case 0: change(); break;
        case 1: restart(); break;
        case 2: now_ += deeds_.byte(); break;
        default: come(); break;
      }
      FB_ASSERT(desk_.installations() == written_.size() && desk_.all().size() == written_.size());
    }
  }

 private:
  // The rules anew: some invites are missing, some revoked, some over.
  void change() {
    InviteRules rules{.needed = !deeds_.one_in(4), .invites = {}};
    rules_.clear();
    for (const auto& invite : invites_) {
      if (deeds_.one_in(5)) continue;
      const InviteRule rule{mark_of(invite), UnixSeconds{kStart + 8 * deeds_.byte()},
                            static_cast<std::uint32_t>(1 + deeds_.below(3)), deeds_.one_in(4)};
      rules.invites.push_back(rule);
      rules_.emplace(rule.mark, rule);
    }
    needed_ = rules.needed;
    current_ = rules;
    desk_.replace(std::move(rules));
    std::erase_if(written_, [&](const Guest& guest) { return !rules_.contains(guest.invite); });
  }
  void restart() {
    const std::vector<Guest> known(written_.begin(), written_.end());
    desk_ = InviteDesk(current_, known);
  }
  void come() {
    const auto number = deeds_.below(kInvites + 2);
    const auto& who = tags_[deeds_.below(kPeople)];
    std::optional<wire::InviteId> invite;
    if (number < kInvites) invite = invites_[number];
    if (number == kInvites) invite = wire::InviteId::random(rng_);
    const auto admitted = desk_.admit(UnixSeconds{now_}, invite, who);
    const auto rule = invite ? rules_.find(mark_of(*invite)) : rules_.end();
    FB_ASSERT(!admitted || rule == rules_.end() || !rule->second.revoked);
    if (!needed_) {
      FB_ASSERT(!desk_.next_new() && (!admitted || !*admitted));
      return;
    }
    FB_ASSERT(rule != rules_.end() || (!admitted && admitted.error() == wire::Refusal::InviteNeeded));
    if (rule == rules_.end() || rule->second.revoked) return;
    const Guest guest{rule->first, mark_of(*invite, who)};
    const auto others = of(rule->first);
    const bool fits = now_ < count(rule->second.until) && others < rule->second.uses;
    const bool known = written_.contains(guest);
    FB_ASSERT(admitted.ok() == (known || fits));
    const auto next = desk_.next_new();
    FB_ASSERT(next.has_value() == (admitted.ok() && !known) && !desk_.next_new());
    if (!admitted) return;
    FB_ASSERT(*admitted == guest && !desk_.objection(*admitted));
    written_.insert(guest);
  }
  std::size_t of(const InviteMark& invite) const {
    std::size_t out = 0;
    for (const auto& guest : written_) out += guest.invite == invite ? 1 : 0;
    return out;
  }

  fuzz::Deeds& deeds_;
  SeededRng rng_{1};
  std::vector<wire::InviteId> invites_;
  std::vector<SelfTag> tags_;
  std::map<InviteMark, InviteRule> rules_;
  InviteRules current_;
  bool needed_ = true;
  std::set<Guest> written_;  // what a broker has in its file
  std::uint64_t now_ = kStart;
  InviteDesk desk_{{}, {}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  Row(deeds).play();
  return 0;
}
