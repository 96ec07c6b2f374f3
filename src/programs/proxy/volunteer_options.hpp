// Options of `footbridge volunteer`.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "programs/common_options.hpp"
#include "programs/reporter_options.hpp"
#include "programs/proxy/hours_value.hpp"
#include "programs/way_options.hpp"

namespace footbridge::proxy {

// Whether to help where the connection is paid for by the byte.
enum class Metered : std::uint8_t {
  Auto,  // not where it looks metered (metered_hint.hpp)
  Yes,   // it is: pause
  No,    // it is not, whatever it looks like
};

struct VolunteerOptions {
  CommonOptions common;
  LinkOptions link;
  WayOptions ways;
  std::vector<Private<ops::WsUrl>> egress;       // the only relay URLs it dials, whatever a broker says
  std::vector<Private<IpAddress>> bind_address;  // at most one of each family
  std::uint64_t slots = 2;                       // people helped at once; a home connection carries two without notice
  std::optional<ops::ByteCount> max_rate;        // per second and direction, all people together
  std::vector<core::Hours> hours;                // when people may come; empty: always
  std::optional<ops::ByteCount> per_day;         // carried, both ways together
  std::optional<ops::ByteCount> per_month;
  Metered metered = Metered::Auto;
  bool agreed = false;                // who starts it has read who sees what
  bool even_if_risky = false;         // also where the network says that helping may be dangerous
  bool no_udp_legs = false;           // legs over WebSocket only
  bool no_port_mapping = false;       // ask nothing of the home router
  bool allow_private_egress = false;  // demo and tests only
  bool control = false;               // the admin listener may change limits
  ReporterOptions reporter;
};

ops::OptionTable option_table(VolunteerOptions& options);
void check(const VolunteerOptions& options);

}  // namespace footbridge::proxy
