#include "programs/doctor/report.hpp"

#include <algorithm>
#include <cctype>

#include "base/assert.hpp"

namespace footbridge::doctor {
namespace {

using core::Diagnosis;
using core::DoctorRole;
using core::Judged;
using core::Level;
using core::Observation;

constexpr std::size_t kLevelWidth = 9;
constexpr std::size_t kTitleWidth = 21;
constexpr int kJsonVersion = 1;

std::string_view name(DoctorRole role) {
  switch (role) {
    case DoctorRole::Client: return "client";
    case DoctorRole::Volunteer: return "volunteer";
    case DoctorRole::Broker: return "broker";
    case DoctorRole::Egress: return "egress";
    case DoctorRole::All: return "all";
  }
  FB_ASSERT(false);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + " ";
}

std::string subject(const Observation& seen) {
  std::string out(core::title(core::words(seen.finding).check));
  if (seen.number != 0) out += " " + std::to_string(seen.number);
  if (seen.front != 0) out += ", front " + std::to_string(seen.front);
  return out;
}

std::string who(const Observation& seen, const std::vector<Subject>& subjects) {
  for (const auto& each : subjects)
    if (each.check == core::words(seen.finding).check && each.number == seen.number && each.front == seen.front)
      return each.who;
  return {};
}

std::string with_detail(const Observation& seen) {
  std::string out(core::words(seen.finding).says);
  if (!seen.detail.empty()) out += " (" + seen.detail + ")";
  return out;
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// "broker 1, broker 3"
std::string subjects_of(const Diagnosis& diagnosis, const core::Cause& cause) {
  std::string out;
  for (const auto i : cause.of) out += (out.empty() ? "" : "; ") + subject(diagnosis.all[i].seen);
  return out;
}

std::string lines(const Diagnosis& diagnosis, const std::vector<Subject>& subjects) {
  std::string out;
  for (const auto& judged : diagnosis.all) {
    if (judged.follows_from) continue;
    out += "  " + padded(std::string(core::name(judged.level)), kLevelWidth) +
           padded(subject(judged.seen), kTitleWidth) + with_detail(judged.seen);
    if (const auto text = who(judged.seen, subjects); !text.empty()) out += ": " + text;
    out += "\n";
  }
  const auto followers =
      std::ranges::count_if(diagnosis.all, [](const Judged& j) { return j.follows_from.has_value(); });
  if (followers > 0)
    out += "  (" + std::to_string(followers) + (followers == 1 ? " more follows" : " more follow") + " from these)\n";
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  }
  return out + "\"";
}

std::string json_finding(const Judged& judged, const std::vector<Subject>& subjects) {
  const auto text = core::words(judged.seen.finding);
  std::string out = "{\"check\":" + quoted(core::name(text.check));
  if (judged.seen.number != 0) out += ",\"number\":" + std::to_string(judged.seen.number);
  if (judged.seen.front != 0) out += ",\"front\":" + std::to_string(judged.seen.front);
  out += ",\"level\":" + quoted(core::name(judged.level)) + ",\"finding\":" + quoted(text.name) +
         ",\"says\":" + quoted(text.says);
  if (!judged.seen.detail.empty()) out += ",\"detail\":" + quoted(judged.seen.detail);
  if (!text.advice.empty()) out += ",\"advice\":" + quoted(text.advice);
  if (judged.follows_from) out += ",\"follows_from\":" + quoted(core::words(*judged.follows_from).name);
  if (const auto known = who(judged.seen, subjects); !known.empty()) out += ",\"who\":" + quoted(known);
  return out + "}";
}

}  // namespace

std::string text_report(const Diagnosis& diagnosis, DoctorRole role, const std::vector<Subject>& subjects) {
  std::string out = "footbridge doctor --for " + std::string(name(role)) + ". ";
  out += subjects.empty() ? "No name and no address stands in this: it can be shown to others.\n\n"
                          : "NAMES AND ADDRESSES STAND IN THIS: do not show it to others.\n\n";
  out += lines(diagnosis, subjects);
  if (diagnosis.causes.empty()) return out + "\nNothing is wrong here.\n";
  out += diagnosis.problems > 0 ? "\nWhat is wrong, and what to do:\n" : "\nNothing is wrong here. Worth knowing:\n";
  std::size_t number = 0;
  for (const auto& cause : diagnosis.causes) {
    if (diagnosis.problems > 0 && number == diagnosis.problems) out += "\nWorth knowing, too:\n";
    out += "\n" + std::to_string(++number) + ". " + capital(subjects_of(diagnosis, cause)) + ": " +
           with_detail(diagnosis.all[cause.of.front()].seen) + ".\n   " +
           capital(std::string(core::words(cause.finding).advice)) + ".\n";
  }
  return out;
}

std::string json_report(const Diagnosis& diagnosis, DoctorRole role, const std::vector<Subject>& subjects) {
  std::string findings, causes;
  for (const auto& judged : diagnosis.all) findings += (findings.empty() ? "" : ",\n") + json_finding(judged, subjects);
  for (const auto& cause : diagnosis.causes)
    causes += (causes.empty() ? "" : ",") + quoted(core::words(cause.finding).name);
  return "{\"version\":" + std::to_string(kJsonVersion) + ",\"for\":" + quoted(name(role)) +
         ",\"problems\":" + std::to_string(diagnosis.problems) + ",\"causes\":[" + causes + "],\"findings\":[\n" +
         findings + "]}\n";
}

}  // namespace footbridge::doctor
