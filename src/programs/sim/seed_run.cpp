#include "programs/sim/seed_run.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "sim/model/world.hpp"
#include "sim/stack/swarm.hpp"

namespace footbridge::simulate {
namespace {

namespace model = sim::model;

std::string text(const sim::Finding& finding) {
  std::array<char, 64> at{};
  std::snprintf(at.data(), at.size(), " is broken at %.6f s, event %llu: ",
                std::chrono::duration<double>(finding.at.time_since_epoch()).count(),
                static_cast<unsigned long long>(finding.event));
  return std::string(name(finding.property)) + at.data() + finding.what;
}

model::Scenario scenario_of(const SimOptions& options) {
  model::Scenario out;
  if (options.clients > 0) out.clients = options.clients;
  if (options.proxies > 0) out.proxies = options.proxies;
  out.brokers = options.brokers;
  out.egresses = options.egresses;
  out.length = options.length;
  out.most_stream_bytes = options.stream_bytes;
  out.faulty = !options.calm;
  for (const auto& fault : options.faults) out.faults.push_back(*model::fault_named(fault));
  return out;
}

std::string summary_of(const model::RunCount& count) {
  const auto& streams = count.streams;
  return std::to_string(count.faults) + " faults, " + std::to_string(count.links) + " links, " +
         std::to_string(count.legs) + " legs; of " + std::to_string(streams.opened) + " streams " +
         std::to_string(streams.completed) + " complete, " + std::to_string(streams.given_up) + " given up, " +
         std::to_string(streams.refused) + " refused, " + std::to_string(streams.lost_with_session) +
         " lost with their session";
}

// Its length counts the time with faults; what else a model's world is made of, this tier has one of.
SeedRun run_stack_seed(const SimOptions& options, std::uint64_t seed, sim::Trace trace) {
  sim::SwarmScale scale;
  if (options.clients > 0) scale.clients = options.clients;
  if (options.proxies > 0) scale.proxies = options.proxies;
  if (options.length != SimOptions{}.length) scale.faulty = options.length;
  scale.calm = options.calm;
  const auto result = sim::Swarm(seed, scale, trace).run();
  return {seed, result.hash, result.events,
          std::to_string(result.deeds) + " faults, " + std::to_string(result.paths) + " paths, " +
              std::to_string(result.sessions) + " sessions; " + std::to_string(result.streams) + " streams complete, " +
              std::to_string(result.bytes) + " bytes",
          result.broken};
}

}  // namespace

SeedRun run_seed(const SimOptions& options, std::uint64_t seed, sim::Trace trace) {
  if (options.tier == Tier::Stack) return run_stack_seed(options, seed, std::move(trace));
  const auto result = model::run_seed(scenario_of(options), seed, std::move(trace));
  SeedRun out{seed, result.hash, result.count.events, summary_of(result.count), std::nullopt};
  if (result.finding) out.broken = text(*result.finding);
  return out;
}

SeedRun run_seed_checked(const SimOptions& options, std::uint64_t seed) {
  auto run = run_seed(options, seed, {});
  if (seed % kRunTwiceEvery != 0 || run.broken) return run;
  const auto again = run_seed(options, seed, {});
  if (again.hash != run.hash)
    run.broken = std::string(name(sim::Property::SameTrace)) + " is broken: two runs of this seed differ";
  run.events += again.events;
  return run;
}

std::string replay(const SimOptions& options, std::uint64_t seed) {
  std::string out = "footbridge sim --seed " + std::to_string(seed);
  const SimOptions standard;
  const auto add = [&out](const std::string& flag, auto value, auto usual) {
    if (value != usual) out += " " + flag + " " + std::to_string(value);
  };
  if (options.tier == Tier::Stack) out += " --tier stack";
  add("--clients", options.clients, standard.clients);
  add("--proxies", options.proxies, standard.proxies);
  add("--brokers", options.brokers, standard.brokers);
  add("--egresses", options.egresses, standard.egresses);
  add("--stream-bytes", options.stream_bytes, standard.stream_bytes);
  if (options.length != standard.length) out += " --length " + std::to_string(options.length.count()) + "ms";
  for (const auto& fault : options.faults) out += " --fault " + fault;
  if (options.calm) out += " --calm";
  return out;
}

}  // namespace footbridge::simulate
