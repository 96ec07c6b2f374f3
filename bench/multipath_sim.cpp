// What several paths give, on virtual time (sim/stack/bulk.hpp): the same figures on every machine, whatever else it
// does. Prints a line of JSON per sample: {"name", "unit", "value"}.
//
//   multipath_sim [--seeds N] [--only NAME]     NAME: part of a figure's name
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "core/path/packet_sizes.hpp"
#include "sim/stack/bulk.hpp"

namespace footbridge::bench {
namespace {

using namespace sim;

constexpr double kPossibleMbit = 36.7;  // what 1200-byte packets could carry in all, headers taken off
constexpr Seconds kLong{20};

void print(const std::string& name, const char* unit, double value) {
  std::printf("{\"name\": \"multipath.sim.%s\", \"unit\": \"%s\", \"value\": %.4g}\n", name.c_str(), unit, value);
  std::fflush(stdout);
}

// A figure of bytes that are not those that were sent means nothing.
void check(Bulk& bulk, std::uint64_t seed) {
  if (bulk.wrong() == 0) return;
  std::fprintf(stderr, "seed %llu: wrong bytes\n", static_cast<unsigned long long>(seed));
  std::exit(1);
}

struct Asked {
  std::uint64_t seeds = 3;
  std::string only;
  bool wants(const std::string& name) const { return name.find(only) != std::string::npos; }
};

void transfer(const Asked& asked, const std::string& name, const char* unit, double scale, Plan plan) {
  if (!asked.wants(name)) return;
  for (plan.seed = 1; plan.seed <= asked.seeds; ++plan.seed) {
    Bulk bulk(plan);
    bulk.run_until(kLong);
    check(bulk, plan.seed);
    print(name, unit, bulk.mbit() * scale);
  }
}

void sums(const Asked& asked) {
  Plan up, lossy;
  up.up = true;
  lossy.loss = 0.01;
  transfer(asked, "sum_ratio_down", "1", 1 / kPossibleMbit, {});
  transfer(asked, "sum_ratio_up", "1", 1 / kPossibleMbit, up);
  transfer(asked, "mbit_1pct_loss", "Mbit/s", 1, lossy);
}

void requests(const Asked& asked) {
  if (!asked.wants("p50_ms_20kb p99_ms_20kb mbit_beside_20kb")) return;
  for (std::uint64_t seed = 1; seed <= asked.seeds; ++seed) {
    Plan plan;
    plan.seed = seed;
    plan.requests = true;
    Bulk bulk(plan);
    bulk.run_until(kLong);
    check(bulk, seed);
    auto times = bulk.request_ms();
    times.insert(times.end(), bulk.unanswered(), to_ms(kLong));
    print("p50_ms_20kb", "ms", percentile(times, 0.5));
    print("p99_ms_20kb", "ms", percentile(times, 0.99));
    print("mbit_beside_20kb", "Mbit/s", bulk.mbit());
  }
}

// One path falls silent for ever after ten seconds; each in turn, and the longest gap of them counts.
void death(const Asked& asked) {
  if (!asked.wants("gap_ms_silent_death mbit_after_death")) return;
  for (std::uint64_t seed = 1; seed <= asked.seeds; ++seed) {
    double gap = 0, after = 1e9;
    for (std::size_t which = 0; which < kRoundTripsMs.size(); ++which) {
      Plan plan;
      plan.seed = seed;
      Bulk bulk(plan);
      bulk.run_until(Seconds{10});
      bulk.count_from(bulk.world().now() - Millis{300});
      bulk.world().pipe(bulk.pipes()[which])->cut(true);
      bulk.run_until(kLong);
      check(bulk, seed);
      gap = std::max(gap, bulk.longest_gap_ms());
      after = std::min(after, bulk.mbit());
      print("death.gap_ms.rtt" + std::to_string(kRoundTripsMs[which]), "ms", bulk.longest_gap_ms());
    }
    print("gap_ms_silent_death", "ms", gap);
    print("mbit_after_death", "Mbit/s", after);
  }
}

// Paths live 15 s on average and die in silence; 1.5 s later there is another one, of any kind.
class Churn {
 public:
  explicit Churn(std::uint64_t seed) : plan_(plan(seed)), bulk_(plan_), dice_(sim::Seed(seed).child("churn")) {
    for (std::size_t i = 0; i < kRoundTripsMs.size(); ++i) live(i);
  }
  Bulk& run() {
    bulk_.run_until(Seconds{120});
    return bulk_;
  }
  std::uint64_t deaths() const { return deaths_; }

 private:
  static Plan plan(std::uint64_t seed) {
    Plan out;
    out.seed = seed;
    out.loss = 0.002;
    out.requests = true;
    return out;
  }
  void live(std::size_t index) {
    const auto life = Duration(static_cast<Duration::rep>(-std::log(1 - dice_.unit()) * 15e9));
    bulk_.world().network.queue.after(life, [this, index] { die(index); });
  }
  void die(std::size_t index) {
    ++deaths_;
    if (auto* const pipe = bulk_.world().pipe(bulk_.pipes()[index])) pipe->cut(true);
    bulk_.world().network.queue.after(Millis{1'500}, [this] {
      const auto round_trip = dice_.duration(Millis{20}, Millis{200});
      bulk_.add_path(round_trip, static_cast<std::uint64_t>(dice_.real(3e6, 15e6)));
      live(bulk_.pipes().size() - 1);
    });
  }

  Plan plan_;
  Bulk bulk_;
  sim::Dice dice_;
  std::uint64_t deaths_ = 0;
};

void churn(const Asked& asked) {
  if (!asked.wants("churn.gap_ms")) return;
  constexpr std::uint64_t kRuns = 12;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    Churn churn(seed);
    auto& bulk = churn.run();
    check(bulk, seed);
    print("churn.gap_ms", "ms", bulk.longest_gap_ms());
    print("churn.mbit", "Mbit/s", bulk.mbit());
    print("churn.deaths", "1", static_cast<double>(churn.deaths()));
    print("churn.p50_ms_20kb", "ms", percentile(bulk.request_ms(), 0.5));
    print("churn.p99_ms_20kb", "ms", percentile(bulk.request_ms(), 0.99));
    print("churn.max_ms_20kb", "ms", percentile(bulk.request_ms(), 1));
    print("churn.stuck", "1", static_cast<double>(bulk.unanswered()));
  }
}

// What the packet ladder gives and costs, by how many chunks a packet may have and how many chunks are lost.
void packets(const Asked& asked) {
  for (const std::size_t chunks : {1U, 4U, 8U})
    for (const auto& [name, loss] : {std::pair{"0", 0.0}, {"0.1", 0.001}, {"1", 0.01}}) {
      Plan plan;
      plan.loss = loss;
      plan.options.max_packet_bytes = chunks * core::kFragmentBytes;
      transfer(asked, "packets." + std::to_string(chunks) + "F.loss_" + name + "_percent.mbit", "Mbit/s", 1, plan);
    }
}

int run(int count, char** words) {
  Asked asked;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strcmp(words[i], "--seeds") == 0) asked.seeds = std::strtoull(words[i + 1], nullptr, 10);
    if (std::strcmp(words[i], "--only") == 0) asked.only = words[i + 1];
  }
  sums(asked);
  requests(asked);
  death(asked);
  churn(asked);
  packets(asked);
  return 0;
}

}  // namespace
}  // namespace footbridge::bench

int main(int count, char** words) { return footbridge::bench::run(count, words); }
