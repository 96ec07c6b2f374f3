// SealedWays: the seals of the ways that lead to brokers. It keeps one SealedAsker for each broker key, whatever ways
// lead there, so that a ticket got through one front is used through another; and the clock that all of them stamp by.
//
// A request is sealed for one way and never sent twice. What becomes of it has to be said once: opened() with the body
// of a good answer, or refused() when something else answered; then every ticket of that broker is gone, and the next
// request to it is a handshake. Nothing need be said when nobody answered.
//
// Which of a broker's keys is used follows from the time (core::broker_key_at). A way whose broker has no key that
// holds can be asked for the directory, and for nothing else.
// Bounds: a SealedAsker for each way and key that was used, until replace() forgets those no longer named. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/sealing/asker_clock.hpp"
#include "core/sealing/directory_exchange.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

// What a way is sealed with.
struct WaySeal {
  crypto::SecretKey obfuscation;        // of the network
  std::vector<wire::BrokerKey> keys{};  // of the broker at its end, as the directory says; none: not known yet
};

class SealedWays {
 public:
  // One seal for each way, or none: then nothing is sealed. `proxy`: a proxy's key pair; a client has none.
  SealedWays(std::vector<WaySeal> seals, std::optional<crypto::X25519KeyPair> proxy);

  // Nothing but the directory can be asked for where it is not.
  bool knows_broker(std::size_t way) const { return !seals_.at(way).keys.empty(); }
  bool sealing() const { return !seals_.empty(); }
  std::size_t size() const { return seals_.size(); }
  // Both lead to one broker, as far as its keys say that.
  bool same_broker(std::size_t way, std::size_t other) const;
  // Another directory. Tickets of brokers that it still names are kept.
  void replace(std::vector<WaySeal> seals);
  // A client's network changed: a broker must not join its two addresses.
  void forget_tickets();
  AskerClock& clock() { return clock_; }

  class Sealed {
   public:
    Bytes bytes;           // what to post
    bool resumed = false;  // with a ticket: refused, it is worth a handshake at once

   private:
    friend class SealedWays;
    Sealed(SealedAsker::Sealed sealed, std::shared_ptr<SealedAsker> asker)
        : bytes(std::move(sealed.bytes)),
          resumed(sealed.answer.resumed()),
          answer_(std::move(sealed.answer)),
          asker_(std::move(asker)) {}
    AnswerSeal answer_;
    // Two owners: the ways, and the request that is under way when its key is no longer named.
    std::shared_ptr<SealedAsker> asker_;
  };
  // `now` is our own clock, here and below; `body` at most kMaxSealedBodyBytes. Refused: no key of that way holds.
  Result<Sealed, SealErrc> seal(UnixSeconds now, std::size_t way, ByteView body, Rng& rng);
  // Refused: not the broker's answer; as refused() then.
  Result<Bytes, SealErrc> opened(UnixSeconds now, Sealed request, ByteView answer);
  void refused(const Sealed& request) { request.asker_->forget_tickets(); }

  // The question for the directory, which any way may be asked; its answer opens with open_directory_answer().
  crypto::Envelope envelope(std::size_t way) const { return crypto::Envelope(seals_.at(way).obfuscation); }
  DirectoryQuestion directory_question(UnixSeconds now, const crypto::Envelope& envelope, Rng& rng) const {
    return seal_directory_question(envelope, clock_.corrected(now), {}, rng);
  }

 private:
  using Key = crypto::X25519PublicKey;
  std::vector<WaySeal> seals_;
  std::optional<crypto::X25519KeyPair> proxy_;
  std::map<Key, std::shared_ptr<SealedAsker>> askers_;  // owners: see Sealed
  AskerClock clock_;
};

}  // namespace footbridge::core
