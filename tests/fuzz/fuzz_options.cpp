// A whole command line, environment and configuration file for each program: accepted, or refused with one line. The
// input: which program, then arguments and variables as runs, then the file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "deeds.hpp"
#include "memory_file.hpp"
#include "ops/errors.hpp"
#include "ops/flags.hpp"
#include "ops/options.hpp"
#include "programs/broker/broker_options.hpp"
#include "programs/client/connect_options.hpp"
#include "programs/egress/egress_options.hpp"
#include "programs/proxy/volunteer_options.hpp"

namespace {

using namespace footbridge;

constexpr std::size_t kMaxArguments = 8;

template <class Options>
void load(fuzz::Deeds& deeds) {
  std::vector<std::string> arguments;
  ops::Environment environment;
  for (auto left = deeds.below(kMaxArguments); left > 0; --left) {
    auto text = to_string(deeds.bytes(deeds.byte()));
    const auto equals = text.find('=');
    if (text.starts_with("FB_") && equals != std::string::npos)
      environment[text.substr(0, equals)] = text.substr(equals + 1);
    else if (!text.starts_with("--config"))  // names a file of this machine
      arguments.push_back(std::move(text));
  }
  const fuzz::MemoryFile file(deeds.rest());
  arguments.push_back("--config=" + file.path());
  Options options;
  auto table = option_table(options);
  try {
    static_cast<void>(ops::parse_flags(table, arguments));
    const auto loaded = ops::load_options(table, arguments, environment);
    FB_ASSERT(!ops::print_config(table, loaded).empty());
    check(options);
  } catch (const ops::UsageError& refusal) {
    FB_ASSERT(std::string_view(refusal.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  switch (deeds.below(4)) {
    case 0: load<broker::BrokerOptions>(deeds); break;
    case 1: load<client::ConnectOptions>(deeds); break;
    case 2: load<egress::EgressOptions>(deeds); break;
    default: load<proxy::VolunteerOptions>(deeds); break;
  }
  return 0;
}
