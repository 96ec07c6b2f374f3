// What it costs a client to find a way to a broker, by what it remembers of ways that worked: requests until the first
// that arrives, when a program starts. On virtual time, from one seed. Prints a line of JSON per figure:
// {"name", "unit", "value"}.
//
//   way_replay
//
// A machine is at home each day, at work on five days of the week, in a café each week, with relatives each fourth
// week, and each fifth week in a place where it never was and will not be again. Each place blocks others of 16 ways;
// each day one place in ten blocks another way instead of one that it blocked. What is remembered:
//   nothing       every start draws the order
//   one_order     the last order, of whatever place, for ever
//   place_N_d     for each place what worked there within N days; place_for_ever: without end
#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rendezvous/way_order.hpp"

namespace footbridge::bench {
namespace {

constexpr std::size_t kWays = 16;
constexpr int kDays = 20'000;
constexpr int kForEver = kDays;

struct Place {
  std::vector<bool> blocked;
  std::vector<std::pair<std::size_t, int>> worked;  // way and day, the last first
};

Place make_place(std::size_t blocked, Rng& rng) {
  Place out{std::vector<bool>(kWays), {}};
  for (std::size_t left = blocked; left > 0;)
    if (const auto way = rng.between(0, kWays - 1); !out.blocked[way]) out.blocked[way] = true, --left;
  return out;
}

void let_the_censor_work(Place& place, Rng& rng) {
  if (rng.between(0, 9) != 0) return;
  const auto one = rng.between(0, kWays - 1), other = rng.between(0, kWays - 1);
  std::vector<bool>::swap(place.blocked[one], place.blocked[other]);
}

enum class Memory { Nothing, OneOrder, ByPlace };

struct Client {
  Memory memory;
  int life_days;
  std::vector<std::size_t> last_order{};
  long starts = 0, requests = 0;

  void start(int day, Place& place, Rng& rng) {
    std::vector<std::size_t> preferred;
    if (memory == Memory::OneOrder) preferred = last_order;
    for (const auto& [way, when] : place.worked)
      if (memory == Memory::ByPlace && day - when <= life_days) preferred.push_back(way);
    core::WayOrder order(kWays, preferred, rng);
    TimePoint now{};
    ++starts;
    for (;; now += Millis{100}) {
      const auto way = order.choose(now);
      ++requests;
      if (!place.blocked[way]) {
        order.worked(way);
        const auto failing = order.failing();
        std::erase_if(place.worked, [&](const auto& known) {
          return known.first == way || std::ranges::find(failing, known.first) != failing.end();
        });
        place.worked.insert(place.worked.begin(), {way, day});
        last_order = order.order();
        return;
      }
      order.failed(now, way);
    }
  }
};

// Requests for each start, all of them, and at each fourth week's place alone.
void figure(const std::string& name, std::size_t blocked, Memory memory, int life_days) {
  SeededRng rng(1);
  std::map<std::string, Place> places;
  for (const auto* known : {"home", "work", "cafe", "relatives"}) places[known] = make_place(blocked, rng);
  Client client{memory, life_days};
  for (int day = 0; day < kDays; ++day) {
    for (auto& [known, place] : places) let_the_censor_work(place, rng);
    client.start(day, places["home"], rng);
    if (day % 7 < 5) client.start(day, places["work"], rng);
    if (day % 7 == 5) client.start(day, places["cafe"], rng);
    if (day % 28 == 27) client.start(day, places["relatives"], rng);
    if (day % 35 == 34) {
      auto hotel = make_place(blocked, rng);
      client.start(day, hotel, rng);
    }
  }
  std::printf("{\"name\": \"%s_%zu_of_%zu_blocked\", \"unit\": \"requests per start\", \"value\": %.3f}\n",
              name.c_str(), blocked, kWays, static_cast<double>(client.requests) / static_cast<double>(client.starts));
}

}  // namespace
}  // namespace footbridge::bench

int main() {
  using namespace footbridge::bench;
  for (const std::size_t blocked : {8U, 12U, 14U, 15U}) {
    figure("nothing", blocked, Memory::Nothing, 0);
    figure("one_order", blocked, Memory::OneOrder, 0);
    for (const int days : {1, 3, 7, 14, 30})
      figure("place_" + std::to_string(days) + "_d", blocked, Memory::ByPlace, days);
    figure("place_for_ever", blocked, Memory::ByPlace, kForEver);
  }
}
