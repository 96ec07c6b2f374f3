// The flags of version 3.0 among options of ours: a request, or one line that says why not. The input: arguments, a
// zero byte behind each.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "wire/pt_flags.hpp"
#include "wire/pt_lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  using namespace footbridge::wire;
  std::vector<std::string> arguments;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    arguments.emplace_back(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), arguments.back().size() + 1));
  }
  const auto check = [](const PtRefusal& refusal) {
    const auto line = pt_refusal_line(refusal);
    FB_ASSERT(line.find('\n') == line.size() - 1 && std::ranges::none_of(line, [](char c) { return c > '~'; }));
  };
  for (const auto role : {PtRole::Client, PtRole::Server}) {
    const auto flags = parse_pt_flags(role, arguments);
    if (!flags) {
      check(flags.error());
      continue;
    }
    FB_ASSERT(flags->others.size() + flags->input.values.size() <= arguments.size());
    FB_ASSERT(!has_pt_flags(flags->others));
    if (const auto client = parse_pt_client(flags->input); !client) check(client.error());
    if (const auto server = parse_pt_server(flags->input); !server) check(server.error());
  }
  return 0;
}
