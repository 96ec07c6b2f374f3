#include "core/doctor/judge.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

// A listener, its connections and files, and some to spare.
constexpr std::uint64_t kEnoughForOne = 1'024;
// Two for each of some ten thousand people: docs/ops/config-egress.md.
constexpr std::uint64_t kEnoughForMany = 65'536;

constexpr std::uint64_t kMinute = 60, kHour = 3'600, kDay = 86'400;

std::string parts(std::uint64_t whole, std::string_view unit, std::uint64_t rest, std::string_view smaller) {
  auto out = std::to_string(whole) + " " + std::string(unit);
  if (rest != 0) out += " " + std::to_string(rest) + " " + std::string(smaller);
  return out;
}

std::string length_text(std::uint64_t seconds) {
  if (seconds < kMinute) return std::to_string(seconds) + " s";
  if (seconds < kHour) return parts(seconds / kMinute, "min", seconds % kMinute, "s");
  if (seconds < kDay) return parts(seconds / kHour, "h", seconds % kHour / kMinute, "min");
  return parts(seconds / kDay, seconds < 2 * kDay ? "day" : "days", seconds % kDay / kHour, "h");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// Without scheme, user and path.
std::string_view authority(std::string_view value) {
  if (const auto at = value.find("://"); at != std::string_view::npos) value.remove_prefix(at + 3);
  value = value.substr(0, value.find('/'));
  if (const auto at = value.rfind('@'); at != std::string_view::npos) value.remove_prefix(at + 1);
  return value;
}

bool leads_to(std::string_view where, const Endpoint& local_proxy) {
  const auto port = ":" + std::to_string(local_proxy.port);
  const std::array<std::string, 4> same = {local_proxy.to_text(), "127.0.0.1" + port, "[::1]" + port,
                                           "localhost" + port};
  return std::ranges::find(same, where) != same.end();
}

}  // namespace

Finding judge_broker(Reach reach) {
  switch (reach) {
    case Reach::Answers: return Finding::BrokerAnswers;
    case Reach::NoName: return Finding::BrokerNoName;
    case Reach::Refused: return Finding::BrokerRefused;
    case Reach::Silent: return Finding::BrokerSilent;
    case Reach::Cut: return Finding::BrokerCut;
    case Reach::NoTls: return Finding::BrokerNoTls;
    case Reach::Expired: return Finding::BrokerExpired;
    case Reach::NotYet: return Finding::BrokerNotYet;
    case Reach::WrongName: return Finding::BrokerWrongName;
    case Reach::Unproven: return Finding::BrokerUnproven;
    case Reach::WrongKey: return Finding::BrokerWrongKey;
    case Reach::Strange:
    case Reach::Private: return Finding::BrokerStrange;  // of brokers no address is refused
    case Reach::Hidden: return Finding::BrokerHidden;
    case Reach::NotAsked: return Finding::BrokerNotAsked;
    case Reach::NoTime: return Finding::BrokerNoTime;
  }
  FB_ASSERT(false);
}

Finding judge_egress(Reach reach) {
  switch (reach) {
    case Reach::Answers: return Finding::EgressAnswers;
    case Reach::NoName: return Finding::EgressNoName;
    case Reach::Refused: return Finding::EgressRefused;
    case Reach::Silent:
    case Reach::NoTime: return Finding::EgressSilent;  // all are asked at once
    case Reach::Cut: return Finding::EgressCut;
    case Reach::NoTls: return Finding::EgressNoTls;
    case Reach::Expired:
    case Reach::NotYet: return Finding::EgressWrongTime;
    case Reach::WrongName:
    case Reach::Unproven:
    case Reach::WrongKey: return Finding::EgressUnproven;
    case Reach::Strange:
    case Reach::Hidden: return Finding::EgressStrange;  // an egress hides nothing from its visitors
    case Reach::Private: return Finding::EgressPrivate;
    case Reach::NotAsked: return Finding::EgressNotAsked;
  }
  FB_ASSERT(false);
}

Finding judge_stun(StunReach reach) {
  switch (reach) {
    case StunReach::Answers: return Finding::StunAnswers;
    case StunReach::Silent: return Finding::StunSilent;
    case StunReach::NobodyThere: return Finding::StunNobodyThere;
    case StunReach::NoName: return Finding::StunNoName;
    case StunReach::NotSent: return Finding::StunNotSent;
  }
  FB_ASSERT(false);
}

Finding judge_udp(std::span<const StunReach> servers) {
  const auto count = [&](StunReach reach) { return std::ranges::count(servers, reach); };
  const auto silent = count(StunReach::Silent);
  if (count(StunReach::Answers) > 0) return Finding::UdpOut;
  // "Nobody listens here" is an answer, too: something came back.
  if (count(StunReach::NobodyThere) > 0) return Finding::UdpNobodyThere;
  if (silent > 0) return silent == 1 ? Finding::UdpOneSilent : Finding::UdpSilent;
  return count(StunReach::NotSent) > 0 ? Finding::UdpRefused : Finding::UdpNotAsked;
}

Finding judge_nat(const NatReport& report) {
  switch (report.verdict()) {
    case NatVerdict::Unmeasured: return Finding::NatUnmeasured;
    case NatVerdict::NoUdp: return Finding::NatNoUdp;
    case NatVerdict::Open: return Finding::NatOpen;
    case NatVerdict::Moderate: return report.translated == false ? Finding::NatFirewall : Finding::NatModerate;
    case NatVerdict::Strict: return Finding::NatStrict;
  }
  FB_ASSERT(false);
}

Finding judge_names(std::size_t asked, std::size_t answered) {
  if (asked == 0) return Finding::NamesNotNeeded;
  return answered == 0 ? Finding::NamesSilent : Finding::NamesFine;
}

ClockJudgement judge_clock(std::span<const Seconds> ahead) {
  if (ahead.empty()) return {};
  const auto far = [](Seconds off) { return off < Seconds{0} ? -off : off; };
  const auto least = *std::ranges::min_element(ahead, {}, far);
  const auto most = *std::ranges::max_element(ahead, {}, far);
  if (far(least) > kClockFarOff) return {Finding::ClockFarOff, least};
  if (far(least) > kClockTolerance) return {Finding::ClockOff, least};
  return {far(most) > kClockTolerance ? Finding::ClockDisputed : Finding::ClockRight, least};
}

std::string offset_text(Seconds ahead) {
  if (ahead == Seconds{0}) return {};
  const bool behind = ahead < Seconds{0};
  return length_text(static_cast<std::uint64_t>((behind ? -ahead : ahead).count())) + (behind ? " behind" : " ahead");
}

Finding judge_directory(DirectoryKeeper::Age kept, bool had_one, std::optional<DirectoryRefusal> refused) {
  using Age = DirectoryKeeper::Age;
  if (kept == Age::Current) return Finding::DirectoryCurrent;
  // One that is over keeps serving those who have it: that one like it is handed out is told as the cause all the same.
  if (refused == DirectoryRefusal::Expired || refused == DirectoryRefusal::CertificateExpired)
    return Finding::DirectoryServedOver;
  if (kept == Age::Stale) return Finding::DirectoryStale;
  if (refused) return Finding::DirectoryServedWrong;
  return had_one ? Finding::DirectoryOver : Finding::DirectoryNone;
}

Finding judge_descriptors(DoctorRole role, std::uint64_t most) {
  const bool many = role == DoctorRole::Broker || role == DoctorRole::Egress;
  return most < (many ? kEnoughForMany : kEnoughForOne) ? Finding::DescriptorsFew : Finding::DescriptorsEnough;
}

Finding judge_local_proxy(ByteView answer) {
  const bool takes_us = answer.size() >= 2 && answer[0] == std::byte{5} && answer[1] == std::byte{0};
  return takes_us ? Finding::ProxyAnswers : Finding::ProxyForeign;
}

std::optional<Finding> judge_proxy_variable(std::string_view value, const Endpoint& local_proxy) {
  if (value.empty()) return std::nullopt;
  const auto text = lower(value);
  if (text.starts_with("socks5://") || text.starts_with("socks4://") || text.starts_with("socks://"))
    return Finding::ProgramsLookUp;
  return leads_to(authority(text), local_proxy) ? Finding::ProgramsRight : Finding::ProgramsElsewhere;
}

std::optional<Finding> judge_no_proxy(std::string_view value) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    auto entry = value.substr(0, comma);
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (entry == "*") return Finding::ProgramsBypass;
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
  }
  return std::nullopt;
}

Finding judge_state(const StateFacts& facts) {
  if (!facts.named) return Finding::StateNowhere;
  if (facts.closed) return Finding::StateClosed;
  if (!facts.exists) return Finding::StateAbsent;
  if (facts.foreign) return Finding::StateForeign;
  if (facts.others) return Finding::StateOpen;
  if (!facts.writable) return Finding::StateLocked;
  if (facts.spoiled) return Finding::StateSpoiled;
  return facts.of_another ? Finding::StateOfAnother : Finding::StateFine;
}

bool is_foreign(std::uint32_t file, std::uint32_t directory, std::uint32_t we) {
  return we == 0 ? file != directory : file != we && file != 0;
}

}  // namespace footbridge::core
