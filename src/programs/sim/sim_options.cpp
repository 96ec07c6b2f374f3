#include "programs/sim/sim_options.hpp"

#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "sim/model/fault_mix.hpp"

namespace footbridge::simulate {
namespace {

constexpr std::uint64_t kMostSeeds = 100'000'000;
constexpr std::uint64_t kMostOfARole = 100'000;

std::vector<std::string> all_faults() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < sim::model::kFaults; ++i) out.emplace_back(name(static_cast<sim::model::Fault>(i)));
  return out;
}

}  // namespace

ops::OptionTable option_table(SimOptions& o) {
  ops::OptionTable table("sim", "run whole networks on a virtual clock and look for broken promises");
  table.first(
      "Everything in a run follows from its seed: the same seed gives the same run, on every machine. Nothing touches "
      "a "
      "real network. docs/ops/simulation.md says how to read a trace.");
  table.example("footbridge sim --seed 42", "one run of the model, told line by line");
  table.example("footbridge sim --seeds 2000 --jobs 2", "many runs; what was broken, and the seed that shows it");
  table.example("footbridge sim --seed 42 --only \"client 3\" --trace packets", "what one client went through");
  table.example("footbridge sim --seed 7 --scenario crowd.toml",
                "in a world described in a file, as --config reads it");
  table.add("sim", "seed", o.seed, "the seed, or the first of several").like("42");
  table.add("sim", "seeds", o.seeds, "run so many seeds, one after the other", {{1, kMostSeeds}}).like("2000");
  table.add("sim", "jobs", o.jobs, "run so many seeds at once, each on a thread of its own", {{1, 256}}).like("2");
  table
      .add("sim", "time_limit", o.time_limit, "begin no further seed after so long; 0: run them all",
           {{Millis(0), Millis(86'400'000)}})
      .like("5m");
  table
      .choose("sim", "tier", o.tier, {{"model", Tier::Model}, {"stack", Tier::Stack}},
              "model: all roles, a path is an imagined pipe; stack: real QUIC and fewer of everything")
      .like("model");
  table
      .choose("sim", "trace", o.trace,
              {{"auto", Shown::Auto}, {"none", Shown::Nothing}, {"story", Shown::Story}, {"packets", Shown::Packets}},
              "what is told of a run; auto: the story if there is one seed, nothing if there are more")
      .like("story");
  table.add("sim", "only", o.only, "tell only lines of this actor").like("client 3");
  table.add("world", "clients", o.clients, "clients; 0: as many as the tier is made for", {{0, kMostOfARole}})
      .like("20");
  table.add("world", "proxies", o.proxies, "volunteers; 0: as many as the tier is made for", {{0, kMostOfARole}})
      .like("60");
  table.add("world", "brokers", o.brokers, "brokers", {{1, kMostOfARole}}).like("2");
  table.add("world", "egresses", o.egresses, "egresses", {{1, kMostOfARole}}).like("2");
  table
      .add("world", "length", o.length, "how long the world lives; the last two minutes are without faults",
           {{Millis(180'000), Millis(86'400'000)}})
      .like("10m");
  table.add("world", "stream_bytes", o.stream_bytes, "bytes of the largest stream", {{1, 100'000'000}}).like("400000");
  table.add("world", "faults", o.faults, "only this may go wrong; unset: anything").named("fault").like("silent-death");
  table.add("world", "calm", o.calm, "nothing goes wrong");
  return table;
}

void check(const SimOptions& options) {
  if (options.tier == Tier::Stack && !options.faults.empty())
    throw ops::UsageError(
        "--fault: the stack tier draws what goes wrong from the seed; leave it out, or take --tier model");
  for (const auto& fault : options.faults) {
    if (sim::model::fault_named(fault)) continue;
    const auto known = all_faults();
    std::string names;
    for (const auto& each : known) names += (names.empty() ? "" : ", ") + each;
    throw ops::UsageError("--fault: \"" + fault + "\" is not a fault of the model" + ops::did_you_mean(fault, known) +
                          "; there are " + names);
  }
}

}  // namespace footbridge::simulate
