#include "core/pipe.hpp"

#include "base/assert.hpp"

namespace footbridge {

std::string_view name(PipeEnd end) {
  switch (end) {
    case PipeEnd::Local: return "local";
    case PipeEnd::Remote: return "remote";
    case PipeEnd::Lost: return "lost";
    case PipeEnd::Setup: return "setup";
    case PipeEnd::Misused: return "misused";
    case PipeEnd::Leg: return "leg";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge
