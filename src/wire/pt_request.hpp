// What the parent of a managed pluggable transport asks for. tor says it in variables TOR_PT_* (torspec pt-spec,
// version 1; pt_environment.hpp), other parents in flags (version 3.0); both are read into PtInput, and from there on
// they are one thing. Pure; any thread. Bounds: kMaxPtValueBytes per value, kMaxPtArguments options. An error
// says which line the parent must be told; its text names the variable or flag and never repeats a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/pt_arguments.hpp"

namespace footbridge::wire {

// As Bridge lines and ClientTransportPlugin lines write it.
inline constexpr std::string_view kPtTransport = "footbridge";

// Long lists of transports and options are a few hundred bytes; this is what one variable of Linux may hold, halved.
inline constexpr std::size_t kMaxPtValueBytes = 64 * 1024;

enum class PtVersion : std::uint8_t {
  V1,  // tor: variables in, every line on stdout
  V3,  // flags in; errors go to stderr, and the log is asked for
};

enum class PtRole : std::uint8_t { Client, Server };

enum class PtKey : std::uint8_t {
  Versions,
  StateLocation,
  ExitOnStdinClose,
  ClientTransports,
  ServerTransports,
  Proxy,
  OutboundV4,
  OutboundV6,
  ListenAddress,
  BindAddress,
  OrPort,
  ExtendedOrPort,
  AuthCookie,
  Options,
  LogLevel,
};

// What a LOG line may be, the most important first.
enum class PtSeverity : std::uint8_t { Error, Warning, Notice, Info, Debug };

// The raw values. Whoever holds it holds the credentials of TOR_PT_PROXY: it is read at once and thrown away.
struct PtInput {
  PtVersion version = PtVersion::V1;
  std::map<PtKey, std::string> values;
};

// Why there is no request. In version 1 the line is the last thing said; the process ends with an error.
struct PtRefusal {
  enum class Line : std::uint8_t {
    VersionError,  // none of the parent's versions is ours
    EnvError,      // a value is missing or cannot be read
  };
  Line line = Line::EnvError;
  std::string why;  // the rest of the line: "no-version", "TOR_PT_ORPORT is not ADDRESS:PORT"
};

struct PtRequest {
  PtVersion version = PtVersion::V1;
  std::string state_dir;             // need not exist
  bool exit_on_stdin_close = false;  // EOF on stdin means what SIGTERM means
  bool wanted = false;               // our transport is asked for; if not, nothing starts and "… DONE" is said
  // LOG lines less important than this are not wanted; nothing: none at all. Version 1 wants what we have to say.
  std::optional<PtSeverity> log = PtSeverity::Debug;
  PtArguments options;  // of our transport: of a server, or of every connection of a 3.0 client
  // Where connections to the outside must come from.
  std::optional<Private<IpAddress>> outbound_v4;
  std::optional<Private<IpAddress>> outbound_v6;
};

struct PtClientRequest : PtRequest {
  // TOR_PT_PROXY as it stands; wire/proxy_url.hpp reads it. Engaged: nothing may go past that proxy.
  std::optional<Private<std::string>> proxy;
  std::optional<Endpoint> listen;  // version 3.0 may name one; nothing: our own choice
};

struct PtServerRequest : PtRequest {
  std::optional<Endpoint> bind;  // port 0: any free one; nothing: our own default
  // At least one of the two. The extended one can be told who connects; the cookie file comes with it.
  std::optional<Private<Endpoint>> or_port;
  std::optional<Private<Endpoint>> extended_or_port;
  std::string auth_cookie_file;
};

Result<PtClientRequest, PtRefusal> parse_pt_client(const PtInput& input);
Result<PtServerRequest, PtRefusal> parse_pt_server(const PtInput& input);

}  // namespace footbridge::wire
