#include "programs/broker/invite_watch.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge::broker {
namespace {

constexpr std::string_view kOption = "--network";

}  // namespace

InviteWatch::InviteWatch(asio::any_io_executor executor, const ops::FilePath& folder)
    : file_{(std::filesystem::absolute(folder.path) / kInviteRulesFile).string()},
      seen_(state()),
      rules_(read_rules(seen_)),
      timer_(executor, [this](TimePoint now) { look_again(now); }) {
  timer_.arm(io::now() + kLookAtInvites);
}

void InviteWatch::on_request(TimePoint now) {
  if (state() != seen_) look_again(now);
}

NetworkRules InviteWatch::read_rules(const State& state) const {
  if (state == State{})
    throw ops::UsageError(std::string(kOption) + ": " + file_.path +
                          " is missing; footbridge network directory writes it, and it is copied here with the keys");
  return read_invite_rules(kOption, file_);
}

InviteWatch::State InviteWatch::state() const {
  struct ::stat about {};
  if (::stat(file_.path.c_str(), &about) != 0) return {};
  return {static_cast<std::int64_t>(about.st_ino), about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
}

InviteWatch::Next InviteWatch::read() const {
  const auto at = state();  // first: what is written meanwhile is read the next time
  auto rules = read_rules(at);
  if (rules.network != rules_.network)
    throw ops::UsageError(std::string(kOption) + ": " + file_.path + " is of another network now");
  return {at, std::move(rules)};
}

void InviteWatch::use(Next next) {
  seen_ = next.state;
  rules_ = std::move(next.rules);
  if (on_change_) on_change_(rules_.rules);
}

void InviteWatch::look_again(TimePoint now) {
  timer_.arm(now + kLookAtInvites);
  const auto at = state();
  if (at == seen_) return;
  seen_ = at;  // what is wrong is said once
  try {
    reload();
    observe::log(observe::Level::Info, "invites-read", observe::kv("invites", rules_.rules.invites.size()));
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "invites-not-read", observe::kv("why", std::string(error.what())));
  }
}

}  // namespace footbridge::broker
