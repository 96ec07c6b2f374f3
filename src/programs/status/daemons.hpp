// The programs of Footbridge that run on this machine, as this user can ask them: their admin sockets, and one question
// to each. What comes back is another process's: it is bounded, and what is not plain ASCII is taken out of it.
//
// Bounds: kMostDaemons, kMaxStatusBytes of an answer, kQuestionLimit for a question. Errors: an Answer says why there
// is none; nothing is thrown. Threads: any; ask() blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "ops/values.hpp"
#include "programs/status/status_options.hpp"

namespace footbridge::status {

inline constexpr std::size_t kMostDaemons = 64;
inline constexpr std::size_t kMaxStatusBytes = 256 * 1024;
inline constexpr Seconds kQuestionLimit{5};

// Sockets that are there, whether or not somebody listens; --admin as it stands. `run`: "/run", for tests another one.
std::vector<ops::AdminAddress> find_daemons(const Places& places, const std::string& run = "/run");

enum class Silence : std::uint8_t {
  None,       // it answered
  Nobody,     // nobody listens: a program that was killed left its socket
  Forbidden,  // another user's
  Strange,    // too late, too long, or no answer of ours
};

struct Answer {
  Silence silence = Silence::None;
  unsigned status = 0;  // of HTTP
  std::string body;
};

// GET `path`, with `accept`.
Answer ask(const ops::AdminAddress& daemon, std::string_view path, std::string_view accept);

}  // namespace footbridge::status
