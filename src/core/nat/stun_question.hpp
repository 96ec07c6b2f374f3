// StunQuestion: one question to a STUN server, sent again until it is answered or given up. Its transaction is random
// and the same for all tries (RFC 8489 §6.2.1), so that an answer to any of them counts.
//
// RFC 8489 spaces tries by 0.5 s, doubling, and waits 39.5 s in all: right for one server that must be reached, useless
// for a person who waits. Here silence itself is an answer (RFC 5780 §4.4), so many tries matter more than patience:
// NAT-B3 of them, NAT-T1 apart, and then NAT-T2. With a fifth of the packets lost each way one of 200,000 questions
// stays unanswered.
//
// Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "wire/stun_discovery.hpp"

namespace footbridge::core {

inline constexpr Millis kStunTryInterval{200};  // NAT-T1: more than most round trips, so mostly one try is all
inline constexpr Millis kStunLastWait{600};     // NAT-T2: after the last try; a slow mobile network's round trip
inline constexpr unsigned kStunTries = 12;      // NAT-B3

// Sockets are numbers: one not named before is a fresh port of this machine.
using NatSocket = std::uint8_t;

class StunQuestion {
 public:
  StunQuestion(TimePoint now, NatSocket socket, const Endpoint& to, wire::StunChange change, const Endpoint& answerer,
               Rng& rng);

  NatSocket socket() const { return socket_; }
  const Endpoint& to() const { return to_; }
  wire::StunChange change() const { return change_; }
  const Endpoint& answerer() const { return answerer_; }  // from where the answer has to come
  const std::optional<wire::StunAnswer>& answer() const { return answer_; }
  // The server did something else than it was asked to.
  bool refused() const { return refused_; }
  bool silent() const { return given_up_; }
  bool over() const { return answer_.has_value() || refused_ || given_up_; }

  // The datagram, if it is time for a try.
  std::optional<Bytes> poll(TimePoint now);
  // True: it answers this question.
  bool on_answer(NatSocket socket, const Endpoint& from, const wire::StunAnswer& answer);
  void on_deadline(TimePoint now);
  std::optional<TimePoint> deadline() const;

 private:
  NatSocket socket_;
  Endpoint to_;
  wire::StunChange change_;
  Endpoint answerer_;
  wire::StunTransaction transaction_;
  std::optional<wire::StunAnswer> answer_;
  bool refused_ = false;
  bool given_up_ = false;
  unsigned tries_ = 0;
  TimePoint next_at_;
};

}  // namespace footbridge::core
