// InviteDesk: who may use a broker whose network asks for invites. It is told the operator's rules, of each invite a
// hash of its id, and no name; an installation shows the id itself. So who steals the rules, or what the desk writes
// down, can use no invite, and learns of nobody.
//
//   no invite, or an unknown one ──▶ InviteNeeded
//   revoked ──▶ InviteRevoked
//   an installation that was let in before ──▶ let in          (an invite's end and its uses say who may come anew)
//   a new one: over ──▶ InviteOver; all uses taken ──▶ InviteUsedUp; else ──▶ let in, and written down
//
// An installation is a hash of the invite's id and the self tag, which client and volunteer of one state directory
// share. It counts at this broker: several brokers count each for itself. Where a network is open nobody needs an
// invite; a revoked one is refused all the same, and a tester is known by its own.
//
// Bounds: kMaxInvites, kMaxInstallations. Pure; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

using InviteMark = Id<struct InviteMarkTag, 16>;              // a hash of an invite's id
using InstallationMark = Id<struct InstallationMarkTag, 16>;  // a hash of an invite's id and a self tag

InviteMark mark_of(const wire::InviteId& invite);
InstallationMark mark_of(const wire::InviteId& invite, const SelfTag& installation);

struct InviteRule {
  InviteMark mark;
  UnixSeconds until{};     // who comes later is not let in for the first time
  std::uint32_t uses = 1;  // installations
  bool revoked = false;
  bool tester = false;  // whoever comes with it is the operator's tester (tested_proxies.hpp)
};

struct InviteRules {
  bool needed = true;
  // At most InviteDesk::kMaxInvites count; of several for one mark the first, but each may revoke it.
  std::vector<InviteRule> invites;
};

// Whom an invite let in.
struct Guest {
  InviteMark invite;
  InstallationMark installation;
  friend auto operator<=>(const Guest&, const Guest&) = default;
};

class InviteDesk {
 public:
  static constexpr std::size_t kMaxInvites = 500;           // INV-B1: what an operator's ledger has room for
  static constexpr std::size_t kMaxInstallations = 65'536;  // INV-B2: 2 MiB of a file; as many as polls may wait

  // `known`: what next_new() once gave, in an earlier life. What no rule names is left out.
  InviteDesk(InviteRules rules, std::span<const Guest> known);
  // Other rules from now on; installations of invites that are gone are forgotten.
  void replace(InviteRules rules);

  // nullopt: let in without an invite, because none is needed. Busy: kMaxInstallations.
  Result<std::optional<Guest>, wire::Refusal> admit(UnixSeconds now, const std::optional<wire::InviteId>& invite,
                                                    const SelfTag& installation);
  // May this guest say what came of its matches? No: everybody else.
  bool is_tester(const Guest& guest) const;
  // Why who was let in may not stay; nullopt: he may.
  std::optional<wire::Refusal> objection(const std::optional<Guest>& guest) const;

  // The next that was let in for the first time. To be written down before it is answered, so that a restart gives no
  // use anew.
  std::optional<Guest> next_new();
  std::size_t installations() const { return installations_; }
  // In an order that says nothing; to be written down in place of all that was.
  std::vector<Guest> all() const;

 private:
  struct Entry {
    InviteRule rule;
    std::set<InstallationMark> installations;
  };
  bool let_in(Entry& entry, const InstallationMark& who);

  bool needed_;
  std::map<InviteMark, Entry> entries_;
  std::size_t installations_ = 0;
  std::deque<Guest> new_;  // drained after every admit(), which adds one at most
};

}  // namespace footbridge::core
