// The broker's end of the seal: opens requests, says whose they are, and seals answers, each with a fresh ticket. It
// keeps nothing about anybody: what an answer needs is in the ReplySeal that goes with the parked request, and what a
// later request needs is in the ticket that its asker keeps. Spec 10.
//
//   envelope ─▶ in time? ─▶ said before? ─▶ Directory: as it is
//                                           Client, Proxy: Noise NK, IK under each usable key ─▶ remember ─▶ opened
//                                           Resumed: ticket, then its keys
// Whatever fails is Refused, changes nothing, and is counted by why. Who does not have the obfuscation secret reaches
// only the first three steps, and a refusal by any of them goes over what he sent equally often (bench/sealing_bench).
//
// Test and set are one: open() looks and remembers in one call that waits for nothing, and a broker has one
// SealedBroker on its one thread. Instances that share keys ask each other besides (store/store.hpp). Memory: two tables per guard, 64 MiB together at most (SEAL-B7), and what the caller
// parks. `rng` outlives it and should be buffered (base/buffered_rng.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/sealing/broker_keys.hpp"
#include "core/sealing/replay_guard.hpp"
#include "core/sealing/sealing.hpp"
#include "core/sealing/ticket_ratchet.hpp"
#include "crypto/envelope.hpp"
#include "crypto/noise/handshake.hpp"

namespace footbridge::core {

// What the answer to one request is sealed with; used once. About a kilobyte: it waits with a parked poll.
class ReplySeal {
 private:
  friend class SealedBroker;
  struct Resumed {
    crypto::SecretKey response;
    crypto::ResumptionTicket next;
  };
  using How = std::variant<std::monostate, crypto::noise::Handshake, Resumed>;  // monostate: the directory's

  ReplySeal(const crypto::AeadNonce& request, How how) : request_(request), how_(std::move(how)) {}
  crypto::AeadNonce request_;
  How how_;
};

struct OpenedRequest {
  crypto::RequestKind kind = crypto::RequestKind::Directory;
  std::optional<ProxyId> proxy;  // proven; of nobody in particular nullopt
  Bytes body;
  ReplySeal reply;
  Bytes name;  // never the same in two requests
};

// Why a request was refused, for the operator's counters only; nobody is told.
enum class SealRefusal : std::uint8_t {
  Envelope,  // not sealed under this network's secret
  Stale,     // stamped outside the window, or so that an earlier process may have taken it
  Replayed,  // said before
  Inside,    // the handshake or ticket does not open, or is not bound to its envelope
  Full,      // the tables are full: the operator has to know
  // The same of the directory's own tables: who knows the network's secret can fill those, and whoever has a directory
  // is served on.
  DirectoryFull,
};
std::string_view name(SealRefusal refusal);

class SealedBroker {
 public:
  // SEAL-T3: how far ahead of our clock a request without a ticket may be. The same time after its start a broker takes
  // none: the process before may have taken what is stamped before that. Askers know the time to a second (spec 10 §5).
  static constexpr Seconds kFirstAhead{10};
  // SEAL-T5: so long after their handshake tickets are renewed; then comes another key agreement.
  static constexpr Seconds kMostRenewals{4 * 3600};
  // SEAL-B10: tags of directory requests, which cost their asker no key agreement, in tables of their own: who fills
  // them shuts out nobody else. 179 a second, in 768 KiB.
  static constexpr std::size_t kDirectorySlots = 16 * ReplayTable::kFirstSlots;

  SealedBroker(const crypto::SecretKey& obfuscation_secret, UnixSeconds started, Rng& rng);

  BrokerKeys& keys() { return keys_; }

  // `now` is the wall clock. Forgets old keys on its way.
  Result<OpenedRequest, SealErrc> open(UnixSeconds now, ByteView body);
  // `body` is at most kMaxSealedBodyBytes.
  Bytes seal(UnixSeconds now, ReplySeal reply, ByteView body);

  // Opened, and refused by reason, since the start.
  std::uint64_t opened() const { return opened_; }
  std::uint64_t refused(SealRefusal why) const { return refused_[static_cast<std::size_t>(why)]; }
  // The clock went back behind what is remembered, or behind our start: requests are refused until it has caught up.
  bool blocked(UnixSeconds now) const { return count(now) < count(started_) || guard_.blocked(now); }
  std::size_t replay_bytes() const { return guard_.bytes() + directory_guard_.bytes(); }

 private:
  struct Inside {
    std::optional<ProxyId> proxy;
    Bytes body;
    ReplySeal::How how;
  };
  std::optional<SealRefusal> judge(UnixSeconds now, const crypto::Envelope::Request& request, ByteView name) const;
  std::optional<Inside> open_inside(const crypto::Envelope::Request& request) const;
  std::optional<Inside> open_handshake(const crypto::Envelope::Request& request) const;
  std::optional<Inside> open_resumed(const crypto::Envelope::Request& request) const;
  Bytes seal_handshake(UnixSeconds now, crypto::noise::Handshake& handshake, ByteView body);
  Bytes seal_resumed(UnixSeconds now, const ReplySeal::Resumed& resumed, ByteView body);
  SealErrc refuse(SealRefusal why);

  Rng& rng_;
  crypto::Envelope envelope_;
  UnixSeconds started_;
  BrokerKeys keys_;
  TicketRatchet ratchet_;
  ReplayGuard guard_;
  ReplayGuard directory_guard_;
  std::uint64_t opened_ = 0;
  std::array<std::uint64_t, 6> refused_{};
};

}  // namespace footbridge::core
