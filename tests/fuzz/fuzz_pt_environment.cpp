// The variables with which a managed transport is started: a request, or one line that says why not. The input: entries
// NAME=VALUE as the kernel keeps them, a zero byte behind each.
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "wire/pt_environment.hpp"
#include "wire/pt_escape.hpp"
#include "wire/pt_lines.hpp"
#include "wire/pt_request.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::wire;

void check_line(const std::string& line) {
  FB_ASSERT(line.find('\n') == line.size() - 1);
  for (const char c : line) FB_ASSERT(c == '\n' || (c >= ' ' && c <= '~'));
}

void check_options(const PtArguments& options) {
  FB_ASSERT(options.size() <= kMaxPtArguments);
  for (const auto& [name, value] : options) {
    const auto written = escape_pt(value.reveal_to_socket(), ":;\\");
    std::string_view rest = written;
    const auto again = take_pt_text(rest, ";");
    FB_ASSERT(again && *again == value.reveal_to_socket() && rest.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PtEnvironment environment;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos) environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  const auto input = read_pt_environment(environment);
  if (const auto client = parse_pt_client(input)) {
    check_options(client->options);
  } else {
    check_line(pt_refusal_line(client.error()));
  }
  if (const auto server = parse_pt_server(input)) {
    FB_ASSERT(server->or_port || server->extended_or_port);
    check_options(server->options);
  } else {
    check_line(pt_refusal_line(server.error()));
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_line(pt_log_line(PtVersion::V1, PtSeverity::Notice, text));
  check_line(pt_cmethod_error_line(text));
  return 0;
}
