// main() of the one binary: finds the subcommand, and turns what its start-up throws into one line and an exit code.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "observe/scrubber.hpp"
#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "programs/broker/run_broker.hpp"
#include "programs/client/run_connect.hpp"
#include "programs/client/run_tester.hpp"
#include "programs/command.hpp"
#include "programs/demo/run_demo.hpp"
#include "programs/doctor/doctor_command.hpp"
#include "programs/documents.hpp"
#include "programs/egress/managed_egress.hpp"
#include "programs/egress/policy_check.hpp"
#include "programs/egress/run_egress.hpp"
#include "programs/join/join_command.hpp"
#include "programs/netstate/run_netstate.hpp"
#include "programs/network/network_command.hpp"
#include "programs/proxy/run_volunteer.hpp"
#include "programs/sim/run_sim.hpp"
#include "programs/status/status_command.hpp"
#include "programs/wiped_memory.hpp"

namespace footbridge {
namespace {

// A program that is nullptr here is not listed and does not run; its options can be checked all the same.
std::vector<Command> all_commands() {
  return {make_command<demo::DemoOptions>(demo::run_demo),
          make_managed_command(client::run_connect, client::managed_connect()),
          make_command<proxy::VolunteerOptions>(proxy::run_volunteer),
          make_command<broker::BrokerOptions>(broker::run_broker),
          egress::with_policy_check(make_managed_command(egress::run_egress, egress::managed_egress())),
          join::join_command(),
          doctor::doctor_command(),
          network::network_command(),
          make_command<netstate::NetstateOptions>(netstate::run_netstate),
          make_command<client::TesterOptions>(client::run_tester),
          status::status_command(),
          status::health_command(),
          simulate::sim_command()};
}

std::string overview(const std::vector<Command>& commands) {
  std::string out = "footbridge - " + std::string(kSummary) +
                    "\n\n"
                    "Usage: footbridge COMMAND [OPTIONS]; footbridge COMMAND --help tells more\n\n";
  for (const auto& command : commands)
    if (command.runs) out += "  " + command.name + std::string(14 - command.name.size(), ' ') + command.summary + "\n";
  return out + "  help          this text\n  version       the version of this build\n";
}

const Command& find(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.name == name; });
  if (found != commands.end()) return *found;
  std::vector<std::string> known = {"help", "version"};
  for (const auto& command : commands) known.push_back(command.name);
  const auto hint = ops::did_you_mean(name, known);
  throw ops::UsageError("unknown command" + (hint.empty() ? "; see footbridge help" : hint));
}

int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
  return ops::kExitDone;
}

int dispatch(const Arguments& arguments) {
  const auto commands = all_commands();
  if (arguments.empty()) {
    std::fputs(overview(commands).c_str(), stderr);
    return ops::kExitUsage;
  }
  const auto& name = arguments.front();
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (name == "help" || name == "--help" || name == "-h")
    return rest.empty() ? print(overview(commands)) : find(commands, rest.front()).run({"--help"});
  if (name == "version" || name == "--version") return print("footbridge " FB_VERSION "\n");
  if (name == "docs" && rest.size() == 1) return print(document_of_all(commands, rest[0]));
  if (name == "docs" && rest.size() == 2) return print(find(commands, rest[1]).document(rest[0]));
  return find(commands, name).run(rest);
}

// A descriptor that is closed at the start would be given to the first socket, and our log written into it.
void keep_standard_descriptors() {
  int got = 0;
  do got = ::open("/dev/null", O_RDWR);  // the lowest free number
  while (got >= 0 && got <= STDERR_FILENO);
  if (got > STDERR_FILENO) ::close(got);
}

// A connection is a descriptor, and shells and systemd give 1,024 unless a program asks for what it may have. Not more
// than the listeners' own caps can use.
void ask_for_descriptors() {
  constexpr rlim_t kMostDescriptors = 65'536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kMostDescriptors) return;
  limit.rlim_cur = std::min(limit.rlim_max, kMostDescriptors);
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // without it there are fewer, and the listener says so
}

// Memory holds addresses and keys of people; it does not belong on a disk.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
}

}  // namespace
}  // namespace footbridge

int main(int argc, char** argv) {
  using namespace footbridge;
  keep_standard_descriptors();
  forbid_core_dumps();
  ask_for_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a peer or a pager that goes away is an error value, not our end
  const Arguments arguments(argv + std::min(argc, 1), argv + argc);
  if (!arguments.empty() && arguments.front() == "broker") wipe_freed_memory();  // it alone hears who asks
  const auto speaker = arguments.empty() ? std::string("footbridge") : "footbridge " + arguments.front();
  const auto say = [&](const std::string& text) { std::fprintf(stderr, "%s: %s\n", speaker.c_str(), text.c_str()); };
  try {
    return dispatch(arguments);
  } catch (const ops::UsageError& error) {
    say(error.what());
    return ops::kExitUsage;
  } catch (const ops::RunError& error) {
    say(error.what());
    return ops::kExitFailed;
  } catch (const std::exception& error) {
    say(observe::scrub(error.what()));  // not our text: it might name a peer
    return ops::kExitFailed;
  }
}
