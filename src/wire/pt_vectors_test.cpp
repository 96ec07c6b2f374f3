// Every vector of tests/vectors/managed_transport.json, as far as a request goes: what is refused with which line, and
// what is started. The rest of each is tests/e2e/managed_transport.py's, with the real program.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wire/pt_environment.hpp"
#include "wire/pt_flags.hpp"
#include "wire/pt_lines.hpp"

namespace footbridge::wire {
namespace {

using Lines = std::vector<std::string>;

nlohmann::json file() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/managed_transport.json");
  return nlohmann::json::parse(in);
}

PtEnvironment environment_of(const nlohmann::json& all, const nlohmann::json& vector) {
  if (!vector.contains("environment")) return {};
  auto out = all.at("environments").at(vector.at("program").get<std::string>()).get<PtEnvironment>();
  for (const auto& [name, value] : vector.at("environment").items()) {
    out.erase(name);
    if (!value.is_null()) out.emplace(name, value.get<std::string>());
  }
  return out;
}

// What the request says of itself; or the line that is said instead of it.
struct Seen {
  PtVersion version = PtVersion::V1;
  std::string refusal;
  bool wanted = false;
  bool exit_on_stdin_close = false;
};

Seen see(const PtInput& input, PtRole role) {
  const auto of = [&](const auto& request) {
    if (!request) return Seen{input.version, pt_refusal_line(request.error()), false, false};
    return Seen{input.version, "", request->wanted, request->exit_on_stdin_close};
  };
  return role == PtRole::Client ? of(parse_pt_client(input)) : of(parse_pt_server(input));
}

Seen see(const PtEnvironment& environment, const Lines& arguments, PtRole role) {
  if (is_managed_environment(environment)) return see(read_pt_environment(environment), role);
  const auto flags = parse_pt_flags(role, arguments);
  return flags ? see(flags->input, role) : Seen{PtVersion::V3, pt_refusal_line(flags.error()), false, false};
}

// An expectation may leave its end open.
bool fits(std::string_view said, std::string_view expected) {
  constexpr std::string_view kOpen = "…";
  return expected.ends_with(kOpen) ? said.starts_with(expected.substr(0, expected.size() - kOpen.size()))
                                   : said == expected;
}

TEST(PtVectors, AreAnsweredAsTheySay) {
  const auto all = file();
  ASSERT_GE(all.at("vectors").size(), 40U);
  for (const auto& vector : all.at("vectors")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto role = vector.at("program") == "connect" ? PtRole::Client : PtRole::Server;
    const auto seen = see(environment_of(all, vector), vector.value("flags", Lines()), role);
    const auto lines = vector.at("lines").get<Lines>();
    const auto errors = vector.value("errors", Lines());
    if (!seen.refusal.empty()) {
      const auto& where = seen.version == PtVersion::V1 ? lines : errors;
      ASSERT_EQ(where.size(), 1U) << seen.refusal;
      EXPECT_TRUE(fits(seen.refusal.substr(0, seen.refusal.size() - 1), where.front())) << seen.refusal;
      continue;
    }
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front() + '\n', pt_version_line(seen.version));
    if (lines.back().starts_with("PROXY-ERROR ")) continue;  // whether a proxy serves is not the request's matter
    EXPECT_EQ(lines.back() + '\n', role == PtRole::Client ? pt_cmethods_done_line() : pt_smethods_done_line());
    EXPECT_EQ(seen.exit_on_stdin_close, !vector.contains("stop"));
    const auto method = role == PtRole::Client ? "CMETHOD" : "SMETHOD";
    const auto tells = [&](const std::string& line) {
      return line.starts_with(std::string(method) + " ") || line.starts_with(std::string(method) + "-ERROR ");
    };
    const bool told = std::ranges::any_of(lines, tells) || std::ranges::any_of(errors, tells);
    EXPECT_EQ(seen.wanted, told);
  }
}

}  // namespace
}  // namespace footbridge::wire
