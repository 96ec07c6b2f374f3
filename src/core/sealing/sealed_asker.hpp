// An asker's end of the seal: a client's, who is nobody, or a proxy's, whose static key is its id. Seals bodies and
// opens their answers; any number may be under way at once. Spec 10.
//
// A request takes the newest ticket there is, once, and is a handshake when there is none; every answer brings another.
// Nothing is ever repeated: who got no answer, or not the broker's, seals the same body anew, and since a ticket that
// failed is gone, and the others with it, that is a handshake. A broker that was restarted costs one request that way.
//
// The clock is an argument, corrected by what the asker knows of it (spec 10 §5): seal() stamps with clock + offset.
// Keeps kMaxTickets tickets, each for kTicketLife. A ticket lets the broker see that two requests come from one asker;
// forget_tickets() ends that, and is for when a client changes networks. `rng` is an argument. One thread.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/sealing/sealing.hpp"
#include "crypto/envelope.hpp"
#include "crypto/noise/handshake.hpp"

namespace footbridge::core {

// What the answer to one request is opened with; used once.
class AnswerSeal {
 public:
  bool resumed() const { return std::holds_alternative<crypto::ExchangeKeys>(how_); }  // the request took a ticket

 private:
  friend class SealedAsker;
  using How = std::variant<crypto::noise::Handshake, crypto::ExchangeKeys>;

  AnswerSeal(const crypto::AeadNonce& request, How how) : request_(request), how_(std::move(how)) {}
  crypto::AeadNonce request_;
  How how_;
};

class SealedAsker {
 public:
  // SEAL-B11: an asker has two requests open at most (spec 01 §5).
  static constexpr std::size_t kMaxTickets = 2;
  // SEAL-T8: the broker takes a ticket for at least one step of its keys.
  static constexpr Seconds kTicketLife{3600};

  // `proxy`: a proxy's key pair; a client has none.
  SealedAsker(const crypto::SecretKey& obfuscation_secret, const crypto::X25519PublicKey& broker,
              std::optional<crypto::X25519KeyPair> proxy);

  struct Sealed {
    Bytes bytes;  // what to post
    AnswerSeal answer;
  };
  // `body` is at most kMaxSealedBodyBytes. Refused: the broker's key is one that no honest broker has.
  Result<Sealed, SealErrc> seal(UnixSeconds clock, Seconds offset, ByteView body, Rng& rng);
  // Refused: this is not the broker's answer to that request. `clock` as above.
  Result<Bytes, SealErrc> open(UnixSeconds clock, AnswerSeal answer, ByteView bytes);

  void forget_tickets() { tickets_.clear(); }
  std::size_t tickets() const { return tickets_.size(); }

 private:
  struct Ticket {
    Bytes sealed;
    crypto::ResumptionKeys keys;
    UnixSeconds got;
  };
  std::optional<Ticket> take_ticket(UnixSeconds clock);
  void keep_ticket(UnixSeconds clock, ByteView sealed, const crypto::ResumptionKeys& keys);
  std::optional<Bytes> open_handshake(UnixSeconds clock, crypto::noise::Handshake& handshake, ByteView message);
  std::optional<Bytes> open_resumed(UnixSeconds clock, const crypto::ExchangeKeys& keys, ByteView message);

  crypto::Envelope envelope_;
  crypto::X25519PublicKey broker_;
  std::optional<crypto::X25519KeyPair> proxy_;
  std::vector<Ticket> tickets_;  // the newest last
};

}  // namespace footbridge::core
