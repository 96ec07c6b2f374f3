#include "programs/network/network_command.hpp"

#include <algorithm>
#include <vector>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "ops/nearest.hpp"
#include "programs/network/network_actions.hpp"
#include "programs/network/network_options.hpp"
#include "programs/network/reporter_action.hpp"

namespace footbridge::network {
namespace {

using ops::UsageError;

struct Action {
  std::string name;
  std::vector<std::string> takes;  // flags beside --dir
  void (*run)(const NetworkOptions&, UnixSeconds, Rng&);
};

const std::vector<Action>& actions() {
  static const std::vector<Action> all = {
      {"new", {"--name", "--broker-url", "--broker-cert"}, make_network},
      {"directory", {"--valid"}, sign_directory},
      {"invite",
       {"--name", "--uses", "--expires", "--list", "--qr", "--compartment", "--volunteer", "--tester"},
       make_invite},
      {"revoke", {"--name"}, [](const NetworkOptions& o, UnixSeconds now, Rng&) { revoke_invite(o, now); }},
      {"rotate", {"--root-key"}, rotate_directory_key},
      {"reporter", {"--role", "--url", "--netstate-cert", "--days", "--out"}, make_reporter},
  };
  return all;
}

const Action& find(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& action : actions()) {
    if (action.name == name) return action;
    known.push_back(action.name);
  }
  const auto hint = ops::did_you_mean(name, known);
  throw UsageError("unknown action" + (hint.empty() ? "; see footbridge network --help" : hint));
}

// Quietly ignored, an option would leave somebody believe that it was heard.
void refuse_others(const Action& action, const ops::OptionTable& table, const ops::LoadedOptions& loaded) {
  for (std::size_t i = 0; i < table.options().size(); ++i) {
    const auto& flag = table.options()[i].flag;
    if (!loaded.origins[i].starts_with("flag ") || flag == "--dir") continue;
    if (std::find(action.takes.begin(), action.takes.end(), flag) == action.takes.end())
      throw UsageError(flag + ": footbridge network " + action.name + " does not take it; see --help");
  }
}

int run(const Arguments& arguments) {
  NetworkOptions options;
  auto table = option_table(options);
  const bool named = !arguments.empty() && !arguments.front().starts_with('-');
  const auto* action = named ? &find(arguments.front()) : nullptr;
  const auto loaded = ops::load_options(table, Arguments(arguments.begin() + (named ? 1 : 0), arguments.end()),
                                        ops::process_environment());
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  if (action == nullptr)
    throw UsageError("say what to do: new, directory, invite, revoke, rotate or reporter; see --help");
  refuse_others(*action, table, loaded);
  crypto::SystemRng rng;
  action->run(options, io::unix_now(), rng);
  return ops::kExitDone;
}

}  // namespace

Command network_command() { return described_command<NetworkOptions>(run); }

}  // namespace footbridge::network
