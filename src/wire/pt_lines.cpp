#include "wire/pt_lines.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/pt_escape.hpp"

namespace footbridge::wire {
namespace {

constexpr std::string_view kCut = "...";

// What may stand in a line: printable ASCII, at most kMaxPtTextBytes of it.
std::string plain(std::string_view text) {
  std::string out(text.substr(0, kMaxPtTextBytes));
  for (auto& c : out) {
    if (c == '\n' || c == '\r' || c == '\t')
      c = ' ';
    else if (c < ' ' || c > '~')
      c = '?';
  }
  if (text.size() > kMaxPtTextBytes) out.replace(out.size() - kCut.size(), kCut.size(), kCut);
  return out;
}

// What needs no quotes.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPtTextBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

// A C string of control-spec; only quotes and backslashes are left to escape.
std::string quoted(std::string_view text) { return '"' + escape_pt(plain(text), "\"\\") + '"'; }

std::string word_or_quoted(std::string_view text) { return is_word(text) ? std::string(text) : quoted(text); }

std::string line(std::string_view keyword, std::string_view rest) {
  return std::string(keyword).append(" ").append(rest).append("\n");
}
std::string line_of_ours(std::string_view keyword, std::string_view rest) {
  return line(keyword, std::string(kPtTransport).append(" ").append(rest));
}

std::string_view severity_word(PtSeverity severity) {
  switch (severity) {
    case PtSeverity::Error: return "error";
    case PtSeverity::Warning: return "warning";
    case PtSeverity::Notice: return "notice";
    case PtSeverity::Info: return "info";
    case PtSeverity::Debug: return "debug";
  }
  FB_ASSERT(false);
}

// Version 3.0 knows no notice.
std::string_view severity_word_3(PtSeverity severity) {
  switch (severity) {
    case PtSeverity::Error: return "ERROR";
    case PtSeverity::Warning: return "WARN";
    case PtSeverity::Notice:
    case PtSeverity::Info: return "INFO";
    case PtSeverity::Debug: return "DEBUG";
  }
  FB_ASSERT(false);
}

}  // namespace

std::string pt_version_line(PtVersion version) { return line("VERSION", version == PtVersion::V1 ? "1" : "3.0"); }

std::string pt_refusal_line(const PtRefusal& refusal) {
  return line(refusal.line == PtRefusal::Line::VersionError ? "VERSION-ERROR" : "ENV-ERROR", plain(refusal.why));
}

std::string pt_proxy_done_line() { return line("PROXY", "DONE"); }
std::string pt_proxy_error_line(std::string_view why) { return line("PROXY-ERROR", plain(why)); }

std::string pt_cmethod_line(const Endpoint& socks5) { return line_of_ours("CMETHOD", "socks5 " + socks5.to_text()); }
std::string pt_cmethod_error_line(std::string_view why) { return line_of_ours("CMETHOD-ERROR", plain(why)); }
std::string pt_cmethods_done_line() { return line("CMETHODS", "DONE"); }

std::string pt_smethod_line(const Endpoint& at, const PtArguments& arguments) {
  auto rest = at.to_text();
  if (!arguments.empty()) {
    const auto encoded = encode_smethod_arguments(arguments);
    FB_ASSERT(encoded);
    rest += " ARGS:" + encoded->reveal_to_socket();
  }
  return line_of_ours("SMETHOD", rest);
}
std::string pt_smethod_error_line(std::string_view why) { return line_of_ours("SMETHOD-ERROR", plain(why)); }
std::string pt_smethods_done_line() { return line("SMETHODS", "DONE"); }

std::string pt_log_line(PtVersion version, PtSeverity severity, std::string_view message) {
  if (version == PtVersion::V3) return line("LOG", std::string(severity_word_3(severity)) + ' ' + plain(message));
  return line("LOG", "SEVERITY=" + std::string(severity_word(severity)) + " MESSAGE=" + quoted(message));
}

std::string pt_status_line(std::span<const PtField> fields) {
  std::string rest = "TRANSPORT=" + std::string(kPtTransport);
  for (const auto& [name, value] : fields) {
    FB_ASSERT(is_word(name));
    rest.append(" ").append(name).append("=").append(word_or_quoted(value));
  }
  return line("STATUS", rest);
}

std::string pt_status_version_line(std::string_view version) {
  return line("STATUS", "TYPE=version IMPLEMENTATION=footbridge VERSION=" + word_or_quoted(version));
}

}  // namespace footbridge::wire
