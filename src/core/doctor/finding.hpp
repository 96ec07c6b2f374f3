// Finding: what one check of `footbridge doctor` came to, out of a closed list. Each has its check, its level, and what
// a person is told: what it means and, unless all is well, what to do. None of these words can name anybody.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace footbridge::core {

// In the order in which causes are told: what others follow from stands before them.
enum class Check : std::uint8_t {
  Configuration,
  State,
  Route,
  Names,
  Clock,
  Directory,
  Broker,  // one for each way
  Egress,  // one for each relay URL
  Udp,
  Stun,  // one for each server
  Nat,
  Router,
  Ipv6,
  LocalProxy,
  Programs,  // one for each setting of this machine's programs that is looked at
  Descriptors,
  Tor,
};
inline constexpr std::size_t kChecks = 17;
std::string_view name(Check check);   // for scripts: "local-proxy"
std::string_view title(Check check);  // for people: "local proxy"

enum class Level : std::uint8_t {
  Ok,
  Note,     // worth knowing; whoever was checked for works
  Problem,  // somebody has to do something
};
std::string_view name(Level level);

enum class Finding : std::uint8_t {
  NetworkJoined,
  BrokerNamed,
  NothingJoined,
  NoBrokerNamed,
  SeveralJoined,
  NetworkUnknown,
  InviteLeadsNowhere,

  StateFine,
  StateAbsent,
  StateNowhere,
  StateOpen,
  StateForeign,
  StateClosed,
  StateOfAnother,
  StateLocked,
  StateSpoiled,

  RouteFine,
  RouteNotNeeded,
  RouteNone,
  NothingAnswers,

  NamesFine,
  NamesNotNeeded,
  NamesSilent,

  ClockRight,
  ClockUnknown,
  ClockDisputed,
  ClockOff,
  ClockFarOff,

  DirectoryCurrent,
  DirectoryStale,
  DirectoryNone,
  DirectoryOver,
  DirectoryServedOver,
  DirectoryServedWrong,

  BrokerAnswers,
  BrokerNoName,
  BrokerRefused,
  BrokerSilent,
  BrokerCut,
  BrokerNoTls,
  BrokerExpired,
  BrokerNotYet,
  BrokerWrongName,
  BrokerUnproven,
  BrokerWrongKey,
  BrokerStrange,
  BrokerHidden,
  BrokerNotAsked,
  BrokerNoTime,

  EgressNotAsked,
  EgressAnswers,
  EgressNoName,
  EgressRefused,
  EgressSilent,
  EgressCut,
  EgressNoTls,
  EgressWrongTime,
  EgressUnproven,
  EgressPrivate,
  EgressStrange,

  UdpOut,
  UdpNotAsked,
  UdpRefused,
  UdpNobodyThere,
  UdpOneSilent,
  UdpSilent,

  StunAnswers,
  StunSilent,
  StunNobodyThere,
  StunNoName,
  StunNotSent,

  NatOpen,
  NatModerate,
  NatFirewall,
  NatStrict,
  NatUnmeasured,
  NatNoUdp,

  RouterForwards,
  RouterNotNeeded,
  RouterRefuses,
  RouterSilent,
  RouterUseless,

  Ipv6Here,
  Ipv6None,

  ProxyAnswers,
  ProxyNobody,
  ProxyForeign,

  ProgramsUnset,
  ProgramsRight,
  ProgramsElsewhere,
  ProgramsBypass,
  ProgramsLookUp,

  DescriptorsEnough,
  DescriptorsFew,

  TorNone,
  TorRelay,
};
inline constexpr std::size_t kFindings = static_cast<std::size_t>(Finding::TorRelay) + 1;

struct FindingWords {
  Check check = Check::Configuration;
  Level level = Level::Ok;
  std::string_view name;    // for scripts and the manual: "broker-refused"
  std::string_view says;    // a sentence without its full stop
  std::string_view advice;  // the same; empty where all is well
};
FindingWords words(Finding finding);

}  // namespace footbridge::core
