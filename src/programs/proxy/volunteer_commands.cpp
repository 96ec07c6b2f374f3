#include "programs/proxy/volunteer_commands.hpp"

#include <charconv>
#include <string>

#include "core/limits/hours_text.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "ops/errors.hpp"
#include "programs/proxy/limit_change.hpp"

namespace footbridge::proxy {
namespace {

const ops::AdminReply kStarting{503, "still starting"};

std::string paused_text(const VolunteerState& state) {
  if (state.pause == core::Pause::None) return "";
  const auto until = core::civil_text(state.until);
  return ", paused: " + std::string(core::name(state.pause)) + (until.empty() ? "" : " until " + until);
}

}  // namespace

AdminCommands VolunteerCommands::table(bool control) {
  if (!control) return {};
  return {{"/slots", [this](std::string_view query) { return change_slots(query); }},
          {"/limits", [this](std::string_view query) { return change_limits(query); }}};
}

ops::AdminReply VolunteerCommands::change_slots(std::string_view query) {
  constexpr std::string_view kCount = "count=";
  std::size_t count = 0;
  const auto* end = query.data() + query.size();
  if (lending_ == nullptr) return kStarting;
  if (!query.starts_with(kCount) || std::from_chars(query.data() + kCount.size(), end, count).ptr != end || count < 1 ||
      count > core::ProxyEngine::kMaxSlots)
    return {400, "say POST /slots?count=N with N from 1 to 10"};
  LimitChange change{.options = lending_->in_force()};
  change.options.slots = count;
  lending_->use(change);
  return {200, "slots " + std::to_string(count) + paused_text(lending_->state())};
}

ops::AdminReply VolunteerCommands::change_limits(std::string_view query) {
  if (lending_ == nullptr) return kStarting;
  try {
    lending_->use(limit_change(lending_->in_force(), query));
  } catch (const ops::UsageError& error) {
    return {400, error.what()};
  }
  const auto state = lending_->state();
  return {200, state.limits + paused_text(state)};
}

}  // namespace footbridge::proxy
