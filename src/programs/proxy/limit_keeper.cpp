#include "programs/proxy/limit_keeper.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/limits/help_summary.hpp"
#include "core/limits/hours_text.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "io/civil_clock.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge::proxy {

namespace fs = std::filesystem;
using core::Pause;
using observe::Level;

LimitKeeper::LimitKeeper(asio::any_io_executor executor, const std::optional<fs::path>& directory,
                         LimitMetrics& metrics)
    : metrics_(metrics), timer_(executor, [this](TimePoint) { look(); }) {
  if (!directory) return;
  file_.emplace(*directory);
  if (claim() != Claim::OursAnew) read();
}

Claim LimitKeeper::claim() {
  const auto whose = file_->claim();
  if (whose != Claim::OursAnew) return whose;
  complained_ = false;
  return read() ? Claim::OursAnew : Claim::Ours;
}

bool LimitKeeper::read() {
  const auto bytes = file_->read();
  if (!bytes) return false;
  if (limits_.restore(io::civil_now(), *bytes)) return true;
  observe::log(Level::Warn, "record-lost",
               observe::kv("advice",
                           "what was carried before is not known: today's allowance counts as used, and of "
                           "the month's as much as of the month is over"));
  return true;
}

void LimitKeeper::start(Tells tells) {
  tells_ = std::move(tells);
  started_ = true;
  look();
  if (verdict_.pause == Pause::None) tells_.slots(wanted_slots_, core::ProxyEngine::kDrainGrace);
}

void LimitKeeper::require_memory() {
  if (!file_)
    throw ops::UsageError("--state-dir: there is no home directory to remember in what was carried; name a directory");
  std::error_code error;
  const auto& folder = file_->directory();
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (claim() == Claim::Theirs)
    throw ops::UsageError(
        "--state-dir: another volunteer of this machine counts there what it carries; end it first, or name another "
        "directory for this one");
  file_->write(core::encode_record(limits_.record()));
}

void LimitKeeper::use(const Wish& wish) {
  const auto& before = limits_.settings();
  const auto day = wish.limits.bytes_per_day, month = wish.limits.bytes_per_month;
  if ((day || month) && (day != before.bytes_per_day || month != before.bytes_per_month)) require_memory();
  limits_.set(wish.limits);
  wanted_slots_ = wish.slots;
  aside_.set_metered(wish.metered);
  if (wish.resume) aside_.resume();
  if (wish.pause) aside_.pause_until(io::now() + *wish.pause);
  if (!started_) return;
  look();
  if (verdict_.pause == Pause::None) tells_.slots(wanted_slots_, core::ProxyEngine::kDrainGrace);
}

void LimitKeeper::set_metered(bool metered) {
  aside_.set_metered(metered);
  look();
}

void LimitKeeper::on_helped() {
  look();  // first: who comes after midnight is of the new day
  limits_.on_helped(io::civil_now());
  look();
}

void LimitKeeper::on_carried() {
  if (!started_) return;
  const auto now = tells_.carried();
  const auto smaller = limits_.smaller_allowance();
  const auto enough = smaller ? std::min(kCountedBytes, *smaller / 100 * core::kOverrunPercent) : kCountedBytes;
  if (now.up + now.down - counted_.up - counted_.down >= enough) look();
}

void LimitKeeper::close() {
  if (!std::exchange(started_, false)) return;
  timer_.arm(std::nullopt);
  count(io::civil_now());
  keep(/*last=*/true);
}

void LimitKeeper::count(core::CivilTime at) {
  const auto now = tells_.carried();
  limits_.on_carried(at, now.up - counted_.up, now.down - counted_.down);
  counted_ = now;
}

void LimitKeeper::look() {
  if (!started_) return;
  const auto at = io::civil_now();
  const auto now = io::now();
  const auto before = limits_.record();
  count(at);
  const auto verdict_before = std::exchange(verdict_, aside_.weigh(now, at, limits_.look(at)));
  tell_day(before);
  tell_pause(verdict_before);
  metrics_.show(limits_.record(), verdict_.pause);
  keep(/*last=*/false);
  timer_.arm(core::VolunteerLimits::deadline(now, at, verdict_));
}

void LimitKeeper::tell_day(const core::HelpingRecord& before) {
  if (before.day.number == limits_.record().day.number || before.day.number == 0) return;
  observe::log(Level::Notice, "day-over", observe::kv("helped", before.helped_today),
               observe::kv("up_mib", core::to_mib(before.up_today)),
               observe::kv("down_mib", core::to_mib(before.down_today)));
}

void LimitKeeper::tell_pause(const core::LimitVerdict& before) {
  if (verdict_.overrun && !before.overrun) {
    observe::log(Level::Notice, "allowance-overrun", observe::kv("helping", tells_.helping()));
    tells_.end_all();
  }
  if (verdict_.pause == before.pause) return;
  if (verdict_.pause == Pause::None) {
    observe::log(Level::Notice, "resumed", observe::kv("until", core::civil_text(verdict_.changes_at)));
    return tells_.slots(wanted_slots_, core::ProxyEngine::kDrainGrace);
  }
  observe::log(Level::Notice, "paused", observe::kv("why", core::name(verdict_.pause)),
               observe::kv("until", core::civil_text(verdict_.changes_at)), observe::kv("helping", tells_.helping()));
  tells_.slots(0, core::kLimitDrain);
}

void LimitKeeper::keep(bool last) {
  const auto record = limits_.poll_kept(io::now(), last);
  if (!record || !file_) return;
  const auto whose = claim();
  if (whose == Claim::Theirs) return tell_not_kept("another volunteer counts there");
  if (whose == Claim::OursAnew) return;  // what the other one counted is kept
  try {
    file_->write(*record);
  } catch (const ops::UsageError&) {
    tell_not_kept("cannot be read or written");
  }
}

void LimitKeeper::tell_not_kept(std::string_view why) {
  if (!std::exchange(complained_, true)) observe::log(Level::Warn, "state-not-kept", observe::kv("why", why));
}

}  // namespace footbridge::proxy
