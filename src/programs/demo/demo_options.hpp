// Options of `footbridge demo`.
#pragma once

#include <cstdint>
#include <optional>

#include "programs/common_options.hpp"

namespace footbridge::demo {

struct DemoOptions {
  CommonOptions common{.drain_timeout = Millis(5'000)};
  bool once = false;                 // fetch, report, exit; else stay until Ctrl-C
  bool json = false;                 // the report as one JSON object on standard output
  ops::ByteCount size{100'000'000};  // of the page it serves itself and fetches
  std::uint64_t proxy_port = 0;      // of the client's local proxy; 0: any free one
  std::optional<ops::FilePath> web;  // the pages of web/; nullopt: those beside the program, if they are there
  bool keep = false;                 // leave its directory of keys and logs for a look
};

ops::OptionTable option_table(DemoOptions& options);
void check(const DemoOptions& options);

}  // namespace footbridge::demo
