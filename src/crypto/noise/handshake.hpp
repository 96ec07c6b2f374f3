// HandshakeState of Noise (revision 34 §5.3) for the patterns of pattern.hpp: two ends write and read in turn, and then
// share keys that nobody between them knows. Sans-IO; randomness is an argument, used for ephemeral keys only.
//
// Misuse is FB_ASSERT: keys that the pattern does not have, or lacks; a message out of turn; a payload above
// max_payload(). What the peer or the network did wrong is NoiseErrc::Refused, and says nothing about what it was: the
// handshake is then over, its secrets are wiped, and another attempt (also under another static key) needs a new one.
// Messages are at most kMaxMessageBytes. Not safe to use from two threads at once.
//
// What a payload is worth (§7.7): the first message of all patterns can be sent again by anybody who recorded it, and
// read by whoever gets the responder's static key later. In IK its sender is the holder of the static key, unless the
// responder's was stolen; in NK and XK it is anybody. The responder's answer comes from the responder and stays closed
// to whoever gets static keys later; in NK and XK it goes to whoever it was that sent the first message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "crypto/noise/message.hpp"
#include "crypto/noise/pattern.hpp"
#include "crypto/noise/symmetric_state.hpp"
#include "crypto/noise/transport.hpp"
#include "crypto/x25519.hpp"

namespace footbridge::crypto::noise {

enum class Role : std::uint8_t { Initiator, Responder };

// What an end knows beforehand.
struct HandshakeKeys {
  std::optional<X25519KeyPair> mine;     // static: the responder's; the initiator's in IK and XK, and only there
  std::optional<X25519PublicKey> peers;  // static: the initiator knows the responder's; the responder knows nobody
};

class Handshake {
 public:
  //   initiator ──▶ Writing ─── write ──▶ Reading ◀── responder
  //                    │   ◀──── read ────    │
  //                    ├─── the last one ─────┼──▶ Complete ── split ──▶ Over
  //                    └─────── refused ──────┴──▶ Failed
  enum class State : std::uint8_t { Writing, Reading, Complete, Over, Failed };

  // `prologue` is what both ends have to agree on without saying it (any length); who has another one is refused.
  Handshake(Pattern pattern, Role role, ByteView prologue, const HandshakeKeys& keys);

  State state() const { return state_; }
  // What the message that is next, in either direction, carries beside its payload; and how large that may be.
  std::size_t overhead() const;
  std::size_t max_payload() const { return kMaxMessageBytes - overhead(); }

  // A copy would seal another payload under the same key and number: what was moved from is Over, and knows nothing.
  Handshake(Handshake&& other) noexcept;
  Handshake& operator=(Handshake&& other) noexcept;
  ~Handshake() = default;

  // In state Writing. Refused: the peer's key is one that no honest peer has.
  Result<Bytes, NoiseErrc> write(ByteView payload, Rng& rng);
  // In state Reading: the message's payload.
  Result<Bytes, NoiseErrc> read(ByteView message);

  // The peer's static key: as given, or proven by the messages read so far. Nothing in state Failed.
  const std::optional<X25519PublicKey>& peer_static() const { return peer_static_; }

  // From state Complete on. The same at both ends and never the same twice; not a secret.
  const HandshakeHash& hash() const;
  // In state Complete, once.
  Transport split();

 private:
  // Everything that is wiped when the handshake is over, one way or the other.
  struct Secrets {
    SymmetricState symmetric;
    std::optional<X25519KeyPair> mine_static;
    std::optional<X25519KeyPair> mine_ephemeral;
    std::optional<X25519PublicKey> peer_static;
    std::optional<X25519PublicKey> peer_ephemeral;
  };
  bool is_initiator() const { return role_ == Role::Initiator; }
  std::span<const Token> tokens() const { return shape_->messages[next_]; }
  void write_key(Token token, Bytes& message, Rng& rng);
  bool read_key(Token token, ByteView& rest);
  bool agree(Token token);
  void advance();
  NoiseErrc fail();

  const PatternShape* shape_;  // one of the tables, never null
  Role role_;
  State state_;
  std::size_t next_ = 0;  // index of the message that is written or read next
  std::optional<Secrets> secrets_;
  std::optional<X25519PublicKey> peer_static_;
  HandshakeHash hash_{};
};

}  // namespace footbridge::crypto::noise
