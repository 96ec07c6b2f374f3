// Options of `footbridge netstate`.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "programs/common_options.hpp"
#include "programs/web_face_options.hpp"

namespace footbridge::netstate {

struct NetstateOptions {
  CommonOptions common;
  Endpoint listen = ops::loopback(8904);
  std::optional<Endpoint> report_listen;  // nullopt: reports come to `listen`
  WebFaceOptions face;                    // its certificate, at both
  std::optional<ops::FilePath> network;   // where root.pub is
  std::optional<ops::FilePath> viewer_token_file;
  bool private_network = false;
  std::optional<ops::FilePath> web;  // where the page is; nullopt: find_web_pages()
  std::vector<ops::FilePath> geoip;  // as the broker's
  bool unbounded_compat = false;
};

ops::OptionTable option_table(NetstateOptions& options);
// UsageError when it would show to everybody what only some may see.
void check(const NetstateOptions& options);

}  // namespace footbridge::netstate
