#include "programs/proxy/volunteer_commands.hpp"

#include <charconv>
#include <string>

#include "core/proxy/proxy_engine.hpp"

namespace footbridge::proxy {

AdminCommands VolunteerCommands::table(bool control) {
  if (!control) return {};
  return {{"/slots", [this](std::string_view query) { return change_slots(query); }}};
}

ops::AdminReply VolunteerCommands::change_slots(std::string_view query) {
  constexpr std::string_view kCount = "count=";
  std::size_t count = 0;
  const auto* end = query.data() + query.size();
  if (limits_ == nullptr) return {503, "still starting"};
  if (!query.starts_with(kCount) || std::from_chars(query.data() + kCount.size(), end, count).ptr != end || count < 1 ||
      count > core::ProxyEngine::kMaxSlots)
    return {400, "say POST /slots?count=N with N from 1 to 10"};
  limits_->use_slots(count);
  const auto paused =
      limits_->pause() == core::Pause::None ? "" : ", paused: " + std::string(core::name(limits_->pause()));
  return {200, "slots " + std::to_string(count) + paused};
}

}  // namespace footbridge::proxy
