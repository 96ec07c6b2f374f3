// From what a check of `footbridge doctor` saw to what it found. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/doctor/finding.hpp"
#include "core/nat/nat_report.hpp"
#include "core/network/directory_keeper.hpp"

namespace footbridge::core {

// Whom `footbridge doctor` checks for. All: everything that any of them does.
enum class DoctorRole : std::uint8_t { Client, Volunteer, Broker, Egress, All };

// How a server over TCP was reached.
enum class Reach : std::uint8_t {
  Answers,
  NoName,
  Refused,  // TCP said no
  Silent,   // nobody answered in time, or there is no way there
  Cut,      // broken off before an answer
  NoTls,
  Expired,
  NotYet,
  WrongName,
  Unproven,
  WrongKey,
  Strange,   // answers, and not as whom we meant
  Private,   // not tried: its address is no public one
  Hidden,    // a web server that is who it should be: a broker behind it answers only who has its network's seal
  NotAsked,  // another one answered
  NoTime,    // not asked: others took the time
};
inline constexpr std::size_t kReaches = 16;
Finding judge_broker(Reach reach);
Finding judge_egress(Reach reach);

// How a STUN server was reached.
enum class StunReach : std::uint8_t { Answers, Silent, NobodyThere, NoName, NotSent };
inline constexpr std::size_t kStunReaches = 5;
Finding judge_stun(StunReach reach);
// All of them together. UdpNotAsked where there are none, or none has an address.
Finding judge_udp(std::span<const StunReach> servers);
Finding judge_nat(const NatReport& report);

// Of so many names of servers so many had an answer, if only that there is none.
Finding judge_names(std::size_t asked, std::size_t answered);

// Less is what a slow answer makes; no message is refused for it.
inline constexpr Seconds kClockTolerance{30};
// What programs set right by themselves (AskerClock::kMostOffset).
inline constexpr Seconds kClockFarOff{86'400};
struct ClockJudgement {
  Finding finding = Finding::ClockUnknown;
  Seconds ahead{0};  // of the server's clock that says least; negative: behind
};
// How far our clock is ahead of each server that proved its name.
ClockJudgement judge_clock(std::span<const Seconds> ahead);
// "3 h 12 min behind"; empty where that is less than a second.
std::string offset_text(Seconds ahead);

// `kept`: after what the brokers handed out was taken. `refused`: why the last of that was not taken, if it was not.
Finding judge_directory(DirectoryKeeper::Age kept, bool had_one, std::optional<DirectoryRefusal> refused);

Finding judge_descriptors(DoctorRole role, std::uint64_t most);

// What a program says to a SOCKS5 greeting; empty: it closed, or said nothing.
Finding judge_local_proxy(ByteView answer);
inline constexpr std::string_view kSocksGreeting{"\x05\x01\x00", 3};

// A variable that names a proxy, and where the local proxy is. nullopt: it is empty.
std::optional<Finding> judge_proxy_variable(std::string_view value, const Endpoint& local_proxy);
// Of no_proxy: nullopt, unless it lets everything past.
std::optional<Finding> judge_no_proxy(std::string_view value);

// What the file system says of the state directory.
struct StateFacts {
  bool named = true;  // there is a place for one
  bool exists = false;
  bool others = false;      // may read a file in it, or write into a folder
  bool foreign = false;     // something in it is not whose it should be: is_foreign()
  bool closed = false;      // we may not look into it, or into something in it
  bool of_another = false;  // all of it is a service's, and root looks at it
  bool writable = true;
  bool spoiled = false;  // its joined networks cannot be read
};
Finding judge_state(const StateFacts& facts);
// Users by their numbers. The program runs as we do; or, where root looks, as whom the directory belongs to.
bool is_foreign(std::uint32_t file, std::uint32_t directory, std::uint32_t we);

}  // namespace footbridge::core
