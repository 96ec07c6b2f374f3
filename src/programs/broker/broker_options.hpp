// Options of `footbridge broker`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "programs/common_options.hpp"
#include "programs/reporter_options.hpp"
#include "programs/web_face_options.hpp"

namespace footbridge::broker {

struct BrokerOptions {
  CommonOptions common;
  Endpoint listen = ops::loopback(8900);
  WebFaceOptions face;
  std::optional<ops::FilePath> web;           // the pages of web/, which everybody else sees instead of a decoy
  std::optional<ops::FilePath> web_reporter;  // with web: read with read_page_reporter()
  std::optional<ops::FilePath> network;       // the operator's folder, or a copy of what a broker needs of it
  std::optional<std::string> name;            // which broker of the directory this is
  std::vector<Private<ops::WsUrl>> egress;    // relay URLs; they share leg_key_file
  std::optional<ops::FilePath> leg_key_file;
  std::optional<ops::FilePath> egress_file;  // read with read_egress_file(): a key for each egress
  std::optional<ops::FilePath> state_dir;    // with network: remembers which devices use which invite
  // Which country an address is in (docs/ops/geoip.md); see read_countries().
  std::vector<ops::FilePath> geoip;
  // A waiting volunteer or client is one connection; an idle one costs 12 KiB, and 65,536 descriptors are usual.
  std::uint64_t max_connections = 4'096;
  std::uint64_t slots_per_prefix = 4;  // unopened matches one client network may hold (spec 01, BRK-B2)
  ReporterOptions reporter;
};

ops::OptionTable option_table(BrokerOptions& options);
// What one option alone cannot tell: UsageError when the parts do not make a broker.
void check(const BrokerOptions& options);

}  // namespace footbridge::broker
