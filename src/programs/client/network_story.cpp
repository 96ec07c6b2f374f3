#include "programs/client/network_story.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace footbridge::client {
namespace {

using wire::PtSeverity;

std::string_view sentence_of(Milestone milestone, std::size_t volunteers) {
  switch (milestone) {
    case Milestone::Searching: return "looking for a volunteer";
    case Milestone::VolunteerFound: return "a volunteer was found; connecting through it";
    case Milestone::Connected: return "connected through a volunteer";
    case Milestone::VolunteerLost:
      return volunteers > 0 ? "a volunteer went away; another one carries on"
                            : "a volunteer went away, and there is no other one to carry on";
    case Milestone::VolunteerReplaced: return "another volunteer has taken over; connections stayed open";
    case Milestone::SessionEnded: return "the session has ended, and open connections with it";
    case Milestone::Left: return "this network was left; its volunteers were let go";
  }
  return "unknown";
}

PtSeverity severity_of(Milestone milestone) {
  switch (milestone) {
    case Milestone::Searching:
    case Milestone::Connected:
    case Milestone::VolunteerReplaced: return PtSeverity::Notice;
    case Milestone::VolunteerFound:
    case Milestone::VolunteerLost:
    case Milestone::SessionEnded:  // why is told as trouble
    case Milestone::Left: return PtSeverity::Info;
  }
  return PtSeverity::Info;
}

}  // namespace

std::string_view name(Milestone milestone) {
  switch (milestone) {
    case Milestone::Searching: return "searching";
    case Milestone::VolunteerFound: return "volunteer-found";
    case Milestone::Connected: return "connected";
    case Milestone::VolunteerLost: return "volunteer-lost";
    case Milestone::VolunteerReplaced: return "volunteer-replaced";
    case Milestone::SessionEnded: return "session-ended";
    case Milestone::Left: return "left";
  }
  return "unknown";
}

NetworkStory::NetworkStory(asio::any_io_executor executor, std::size_t number, Audience audience)
    : number_(std::to_string(number)),
      audience_(std::move(audience)),
      room_(std::move(executor), [this](TimePoint now) {
        if (auto moment = std::exchange(late_, std::nullopt)) tell(now, std::move(*moment));
      }) {}

void NetworkStory::on_milestone(TimePoint now, Milestone milestone, std::size_t volunteers) {
  volunteers_ = volunteers;
  if (milestone == Milestone::VolunteerLost && volunteers > 0) {
    if (changed_ && now - *changed_ < kTellAgain) return;
    changed_ = now;
  }
  tell(now, {.severity = severity_of(milestone),
             .event = std::string(name(milestone)),
             .sentence = std::string(sentence_of(milestone, volunteers)),
             .volunteers = volunteers,
             .at_once = milestone == Milestone::Left});
}

void NetworkStory::on_trouble(TimePoint now, Trouble trouble) {
  const bool betrayal = is_betrayal(trouble);
  tell(now, {.severity = betrayal ? PtSeverity::Error : PtSeverity::Warning,
             .event = "trouble-" + std::string(name(trouble)),
             .sentence = std::string(advice(trouble)),
             .volunteers = betrayal ? volunteers_ : 0,  // any other one is told when nobody carries
             .at_once = betrayal && is_news(now, trouble)});
}

bool NetworkStory::is_news(TimePoint now, Trouble betrayal) {
  const auto told = betrayals_.find(betrayal);
  if (told != betrayals_.end() && now - told->second < kTellAgain) return false;
  betrayals_[betrayal] = now;
  return true;
}

void NetworkStory::on_recovery(TimePoint now) {
  tell(now, {.severity = PtSeverity::Notice,
             .event = "recovered",
             .sentence = "there is a way out again",
             .volunteers = volunteers_});
}

void NetworkStory::tell(TimePoint now, Moment moment) {
  const auto room_at = spent_until_ - (kStoryBurst - 1) * kStoryPause;
  if (now < room_at && !moment.at_once) {
    late_ = std::move(moment);
    return room_.arm(room_at);
  }
  late_.reset();
  spent_until_ = std::max(spent_until_, now) + kStoryPause;
  say(moment);
}

void NetworkStory::say(const Moment& moment) const {
  audience_.people(moment.severity, "network " + number_ + ": " + moment.sentence);
  const auto volunteers = std::to_string(moment.volunteers);
  const std::array fields{wire::PtField{"NETWORK", number_}, wire::PtField{"EVENT", moment.event},
                          wire::PtField{"VOLUNTEERS", volunteers}};
  audience_.machines(wire::pt_status_line(fields));
}

}  // namespace footbridge::client
