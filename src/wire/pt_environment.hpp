// The variables with which tor starts a managed pluggable transport (torspec pt-spec, version 1), and the flags that
// say the same in version 3.0. Pure; any thread.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "wire/pt_request.hpp"

namespace footbridge::wire {

// Values by the variable's name; others than TOR_PT_* may be among them.
using PtEnvironment = std::map<std::string, std::string>;

struct PtName {
  PtKey key;
  std::string_view variable;  // empty: version 1 has no such variable
  std::string_view flag;      // without dashes; empty: version 3.0 has no such flag
};
inline constexpr std::array kPtNames = {
    PtName{PtKey::Versions, "TOR_PT_MANAGED_TRANSPORT_VER", "ptversion"},
    PtName{PtKey::StateLocation, "TOR_PT_STATE_LOCATION", "state"},
    PtName{PtKey::ExitOnStdinClose, "TOR_PT_EXIT_ON_STDIN_CLOSE", "exit-on-stdin-close"},
    PtName{PtKey::ClientTransports, "TOR_PT_CLIENT_TRANSPORTS", "transports"},
    PtName{PtKey::ServerTransports, "TOR_PT_SERVER_TRANSPORTS", "transports"},
    PtName{PtKey::Proxy, "TOR_PT_PROXY", "proxy"},
    PtName{PtKey::OutboundV4, "TOR_PT_OUTBOUND_BIND_ADDRESS_V4", ""},
    PtName{PtKey::OutboundV6, "TOR_PT_OUTBOUND_BIND_ADDRESS_V6", ""},
    PtName{PtKey::ListenAddress, "", "proxylistenaddr"},
    PtName{PtKey::BindAddress, "TOR_PT_SERVER_BINDADDR", "bindaddr"},
    PtName{PtKey::OrPort, "TOR_PT_ORPORT", "target"},
    PtName{PtKey::ExtendedOrPort, "TOR_PT_EXTENDED_SERVER_PORT", "extorport"},
    PtName{PtKey::AuthCookie, "TOR_PT_AUTH_COOKIE_FILE", "authcookie"},
    PtName{PtKey::Options, "TOR_PT_SERVER_TRANSPORT_OPTIONS", "options"},
    PtName{PtKey::LogLevel, "", "ipcLogLevel"},
};

// "TOR_PT_ORPORT" or "-target": what an error text calls a value.
std::string pt_name(PtKey key, PtVersion version);

// True: a parent that speaks version 1 started us (pt-spec: the version variable is always there).
bool is_managed_environment(const PtEnvironment& environment);
PtInput read_pt_environment(const PtEnvironment& environment);

}  // namespace footbridge::wire
