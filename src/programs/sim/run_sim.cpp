#include "programs/sim/run_sim.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "programs/sim/seed_run.hpp"

namespace footbridge::simulate {
namespace {

// What is printed of many broken seeds; the first says most.
constexpr std::size_t kMostShown = 10;
constexpr std::uint64_t kProgressEvery = 100;

// For the moment in which an invariant of our own breaks: the program ends there, and the seed must be known.
thread_local std::uint64_t seed_of_this_thread = 0;

void say_seed(int) {
  std::array<char, 96> text{};
  constexpr std::string_view kBefore = "footbridge sim: this was seed ";
  auto* end = std::copy(kBefore.begin(), kBefore.end(), text.data());
  end = std::to_chars(end, text.data() + text.size() - 1, seed_of_this_thread).ptr;
  *end++ = '\n';
  static_cast<void>(!::write(STDERR_FILENO, text.data(), static_cast<std::size_t>(end - text.data())));
}

void print(const std::string& line) { std::fputs((line + "\n").c_str(), stdout); }

// A line is "  12.345678 client 3     what…": the actor begins at a fixed column.
bool is_about(const std::string& line, const std::vector<std::string>& actors) {
  constexpr std::size_t kActorColumn = 14;
  return actors.empty() || std::ranges::any_of(actors, [&](const std::string& actor) {
           return line.compare(kActorColumn, actor.size() + 1, actor + " ") == 0;
         });
}

sim::Trace trace_of(const SimOptions& options) {
  const auto shown = options.trace == Shown::Auto ? Shown::Story : options.trace;
  if (shown == Shown::Nothing) return {};
  const auto detail = shown == Shown::Packets ? sim::Trace::Detail::Packets : sim::Trace::Detail::Story;
  return {detail, [&options](const std::string& line) {
            if (is_about(line, options.only)) print(line);
          }};
}

int run_one(const SimOptions& options) {
  seed_of_this_thread = options.seed;
  const auto run = run_seed(options, options.seed, trace_of(options));
  std::array<char, 32> hash{};
  std::snprintf(hash.data(), hash.size(), "%016llx", static_cast<unsigned long long>(run.hash));
  print("seed " + std::to_string(run.seed) + ": " + std::to_string(run.events) + " events, trace " + hash.data());
  print(run.summary);
  print(run.broken ? *run.broken : "nothing is broken");
  return run.broken ? ops::kExitFailed : ops::kExitDone;
}

// The seeds that are still to be run, and what came of the others; shared by all threads, guarded by its mutex.
class Campaign {
 public:
  explicit Campaign(const SimOptions& options) : options_(options), next_(options.seed) {}

  void work() {
    while (const auto seed = take()) {
      seed_of_this_thread = *seed;
      note(run_seed_checked(options_, *seed));
    }
  }
  int report() const {
    const auto took = std::max(seconds(), 1e-3);
    std::printf("%llu seeds in %.1f s (%.0f per minute), %llu events: ", static_cast<unsigned long long>(done_), took,
                static_cast<double>(done_) / took * 60, static_cast<unsigned long long>(events_));
    print(broken_ == 0 ? "nothing is broken" : std::to_string(broken_) + " seeds broke a promise");
    return broken_ == 0 ? ops::kExitDone : ops::kExitFailed;
  }

 private:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }
  std::optional<std::uint64_t> take() {
    const std::lock_guard lock(mutex_);
    const bool in_time =
        options_.time_limit == Millis{0} || seconds() * 1'000 < static_cast<double>(options_.time_limit.count());
    if (next_ - options_.seed == options_.seeds || !in_time) return std::nullopt;
    return next_++;
  }
  void note(const SeedRun& run) {
    const std::lock_guard lock(mutex_);
    events_ += run.events;
    if (run.broken && ++broken_ <= kMostShown) {
      print("seed " + std::to_string(run.seed) + ": " + *run.broken);
      print("  " + replay(options_, run.seed));
    }
    if (++done_ % kProgressEvery == 0)
      std::fprintf(stderr, "%llu of %llu seeds\n", static_cast<unsigned long long>(done_),
                   static_cast<unsigned long long>(options_.seeds));
  }

  const SimOptions& options_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::uint64_t next_;
  std::uint64_t done_ = 0;
  std::uint64_t events_ = 0;
  std::size_t broken_ = 0;
};

int run_many(const SimOptions& options) {
  Campaign campaign(options);
  std::vector<std::jthread> threads;
  for (std::uint64_t i = 1; i < std::min(options.jobs, options.seeds); ++i)
    threads.emplace_back([&campaign] { campaign.work(); });
  campaign.work();
  threads.clear();  // joins
  return campaign.report();
}

}  // namespace

int run_sim(const SimOptions& options, const Reload<SimOptions>&) {
  std::signal(SIGABRT, say_seed);
  return options.seeds == 1 ? run_one(options) : run_many(options);
}

Command sim_command() {
  auto command = make_command<SimOptions>(run_sim);
  command.run = [run = std::move(command.run)](const Arguments& arguments) {
    auto named = arguments;
    for (auto& argument : named) {
      constexpr std::string_view kScenario = "--scenario";
      if (argument == kScenario || argument.starts_with("--scenario="))
        argument.replace(0, kScenario.size(), "--config");
    }
    return run(named);
  };
  return command;
}

}  // namespace footbridge::simulate
