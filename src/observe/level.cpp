#include "observe/level.hpp"

namespace footbridge::observe {

std::string_view name(Level level) {
  switch (level) {
    case Level::Err: return "err";
    case Level::Warn: return "warn";
    case Level::Notice: return "notice";
    case Level::Info: return "info";
    case Level::Debug: return "debug";
  }
  return "err";
}

std::optional<Level> parse_level(std::string_view text) {
  for (const auto level : {Level::Err, Level::Warn, Level::Notice, Level::Info, Level::Debug})
    if (text == name(level)) return level;
  return std::nullopt;
}

}  // namespace footbridge::observe
