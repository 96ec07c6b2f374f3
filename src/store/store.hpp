// Store: what several instances of one broker share; a port. Instances are processes behind one address with the same
// keys. Each decides by itself, in core, and asks here only what another one may have decided already; a broker that is
// alone asks nobody and has no store. Spec 10 §7.
//
// The question that comes before any effect: has one of us heard this request? What one instance remembers by itself
// (core::ReplayGuard) costs nothing and is looked at first; the store is asked about what passed there.
//
// Errors: Lost, when who shares cannot be asked; instances then go on with what each remembers. Bounds: an
// implementation names how many tags it keeps, and how long it waits if it has to. Threads: the caller's one.
#pragma once

#include <cstdint>

#include "base/id.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::store {

// Of a request, the same for all instances, and of no use to who reads it here: a keyed hash.
using RequestTag = Id<struct RequestTagTag, 16>;

enum class Claim : std::uint8_t {
  First,  // nobody had it; now it is taken
  Taken,  // by whomever: not to be heard again
  Full,   // no room to remember it: not to be heard
  Lost,   // nobody could be asked
};

class Store {
 public:
  // STO-T1: so long at least a tag stays taken. A stamp is heard for twice SEAL-T1.
  static constexpr Seconds kKept{240};

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Test and set are one: of any number of claims of a tag one is First.
  virtual asio::awaitable<Claim> claim(RequestTag tag) = 0;
};

}  // namespace footbridge::store
