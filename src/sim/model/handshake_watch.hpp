// HandshakeWatch: is the handshake of a path done? It reads the control bytes themselves, and does not ask those whose
// word is being checked. A client may carry when an OK has come; an egress when it has said one and its client has read
// it: everything said is acknowledged, or a datagram has come.
//
// Thread: one.
#pragma once

#include <variant>

#include "base/bytes.hpp"
#include "wire/session_control.hpp"

namespace footbridge::sim::model {

class HandshakeWatch {
 public:
  explicit HandshakeWatch(bool client) : client_(client) {}

  void said(ByteView control) { granted_ |= !client_ && said_.has_ok(control); }
  void heard(ByteView control) { done_ |= client_ && heard_.has_ok(control); }
  void all_acknowledged() { done_ |= granted_; }
  void datagram_came() { done_ |= granted_; }
  bool done() const { return done_; }

 private:
  // The messages of one direction, in any pieces.
  struct Reader {
    bool has_ok(ByteView bytes) {
      bool found = false;
      append(input, bytes);
      for (auto next = wire::parse_control(input); next; next = wire::parse_control(input)) {
        found |= std::holds_alternative<wire::Ok>(next->message);
        input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(next->bytes));
      }
      return found;
    }
    Bytes input;
  };

  bool client_;
  bool granted_ = false;
  bool done_ = false;
  Reader said_, heard_;
};

}  // namespace footbridge::sim::model
