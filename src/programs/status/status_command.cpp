#include "programs/status/status_command.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "programs/status/daemons.hpp"
#include "programs/status/status_options.hpp"

namespace footbridge::status {
namespace {

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
}
void complain(const std::string& text) { std::fprintf(stderr, "footbridge: %s\n", text.c_str()); }

std::string place_of(const ops::AdminAddress& daemon) { return ops::ValueType<ops::AdminAddress>::text(daemon); }

// What a person can do about one that does not answer; empty: nothing, it is only a file that was left behind.
std::string why_silent(const ops::AdminAddress& daemon, Silence silence, bool named) {
  switch (silence) {
    case Silence::None: return {};
    case Silence::Nobody: return named ? "nobody listens on " + place_of(daemon) : std::string();
    case Silence::Forbidden: return place_of(daemon) + " belongs to another user; ask with sudo";
    case Silence::Strange: return "what listens on " + place_of(daemon) + " gives no answer that makes sense";
  }
  return {};
}

constexpr std::string_view kNothing =
    "nothing of Footbridge runs here that this user may ask; a program that was started with --admin is asked with the "
    "same --admin, one with --state-dir with the same --state-dir, and one of systemd with sudo";

struct Asked {
  std::size_t answered = 0;
  std::size_t strange = 0;  // something is there that does not answer as it should: it hangs
};

// Asks all, gives what comes to `take`, and complains of what does not come.
template <class Take>
Asked ask_all(const Places& places, std::string_view path, std::string_view accept, Take take) {
  Asked out;
  bool complained = false;
  for (const auto& daemon : find_daemons(places)) {
    const auto answer = ask(daemon, path, accept);
    if (answer.silence == Silence::None && take(daemon, answer)) {
      ++out.answered;
      continue;
    }
    const auto silence = answer.silence == Silence::None ? Silence::Strange : answer.silence;
    if (silence == Silence::Strange) ++out.strange;
    const auto why = why_silent(daemon, silence, places.admin.has_value());
    if (why.empty()) continue;
    complain(why);
    complained = true;
  }
  if (out.answered == 0 && !complained) complain(std::string(kNothing));
  return out;
}

template <class Options>
int run(const Arguments& arguments, int (*act)(const Options&)) {
  Options options;
  auto table = option_table(options);
  const auto loaded = ops::load_options(table, arguments, ops::process_environment());
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  return act(options);
}

int show(const StatusOptions& options) {
  auto list = nlohmann::ordered_json::array();
  std::string text;
  const auto take = [&](const ops::AdminAddress&, const Answer& answer) {
    if (answer.status != 200) return false;
    if (!options.json) return text += (text.empty() ? "" : "\n") + answer.body, true;
    auto one = nlohmann::ordered_json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if (!one.is_object()) return false;
    list.push_back(std::move(one));
    return true;
  };
  const auto asked = ask_all(options.places, "/status", options.json ? "application/json" : "text/plain", take);
  print(options.json ? list.dump(2, ' ', /*ensure_ascii=*/true) + "\n" : text);
  return asked.answered > 0 ? ops::kExitDone : ops::kExitFailed;
}

int judge(const HealthOptions& options) {
  std::size_t ready = 0;
  const auto take = [&](const ops::AdminAddress& daemon, const Answer& answer) {
    ready += answer.status == 200 ? 1 : 0;
    print(place_of(daemon) + ": " + answer.body);
    return true;
  };
  const auto asked = ask_all(options.places, "/readyz", "text/plain", take);
  const bool all = ready == asked.answered && asked.strange == 0;
  return all && ready > 0 ? ops::kExitDone : ops::kExitFailed;
}

}  // namespace

Command status_command() {
  return described_command<StatusOptions>([](const Arguments& arguments) { return run(arguments, show); });
}

Command health_command() {
  return described_command<HealthOptions>([](const Arguments& arguments) { return run(arguments, judge); });
}

}  // namespace footbridge::status
