#include "programs/state_directory.hpp"

#include <cstdlib>

namespace footbridge {
namespace {

const char* set_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '/' ? value : nullptr;
}

}  // namespace

std::optional<std::filesystem::path> state_directory(const std::optional<ops::FilePath>& option,
                                                     const std::optional<ops::FilePath>& parent) {
  if (option) return option->path;
  if (parent) return parent->path;
  if (const auto* given = set_variable("STATE_DIRECTORY")) return given;
  if (const auto* state = set_variable("XDG_STATE_HOME")) return std::filesystem::path(state) / "footbridge";
  if (const auto* home = set_variable("HOME")) return std::filesystem::path(home) / ".local/state/footbridge";
  return std::nullopt;
}

}  // namespace footbridge
