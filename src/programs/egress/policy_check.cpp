#include "programs/egress/policy_check.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>
#include <variant>

#include "core/egress/address_policy.hpp"
#include "core/egress/policy_explanation.hpp"
#include "io/unless.hpp"
#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "programs/egress/exit_policies.hpp"
#include "programs/run_loop.hpp"

namespace footbridge::egress {
namespace {

using core::PolicyDecision;
using core::PolicyRule;
using ops::UsageError;

constexpr std::string_view kAction = "check-policy";
constexpr std::string_view kUdp = "/udp";

std::string_view verdict(bool allowed) { return allowed ? "allowed" : "refused"; }

// The option that this rule is an option's; of UDP and of a list of ports another one.
std::string_view option_of(const EgressOptions& options, PolicyRule rule, bool udp) {
  const auto option = words(rule).option;
  if (option != "policy.preset" || options.policy == PolicyPreset::Off) return option;
  if (udp) return options.udp == UdpPreset::Custom ? "policy.udp_ports" : "policy.udp";
  return options.policy == PolicyPreset::Custom ? "policy.allow_ports" : option;
}

std::string line(const EgressOptions& options, const PolicyQuestion& question, const std::string& what,
                 const PolicyDecision& decision, const OriginOf& origin_of) {
  std::string out =
      "  " + what + ": " + std::string(verdict(decision.allowed)) + ", " + std::string(words(decision.rule).says);
  if (decision.name_error) out += ": " + std::string(explanation(*decision.name_error));
  if (const auto& block = decision.prefix)
    out += ", " + block->network.to_text() + "/" + std::to_string(block->length_bits);
  if (const auto option = option_of(options, decision.rule, question.udp); !option.empty())
    out += " (" + std::string(option) + ", " + origin_of(option) + ")";
  return out + "\n";
}

std::string_view why_not(io::ResolveErrc error) {
  switch (error) {
    case io::ResolveErrc::BadName: return "it is no name that can be looked up";
    case io::ResolveErrc::NoSuchName: return "it has no address";
    case io::ResolveErrc::Unanswered:
    case io::ResolveErrc::TimedOut:
    case io::ResolveErrc::Busy: return "this machine's name servers do not answer";
  }
  return {};
}

// The policy is not the only wall where the packaged unit runs the egress.
std::string note_of_unit(const PolicyDecision& decision, const IpAddress& address) {
  const bool is_inside = core::registry_verdict(address) != core::AddressVerdict::Allowed;
  if (decision.rule != PolicyRule::Exception || !is_inside) return {};
  return "  note: the packaged unit lets no egress reach private addresses; this one needs an IPAddressAllow= "
         "(systemctl edit footbridge-egress)\n";
}

PolicyAnswer answer(const PolicyQuestion& question, bool allowed, std::string lines) {
  return {allowed, question.host + " port " + std::to_string(question.port) + " over " +
                       (question.udp ? "UDP: " : "TCP: ") + std::string(verdict(allowed)) + "\n" + std::move(lines)};
}

// As check() of the options asks, without what only an egress that runs needs.
void check_policy_options(const EgressOptions& options) {
  auto runnable = options;
  if (!runnable.identity_file) runnable.identity_file.emplace();
  if (!runnable.leg_key_file) runnable.leg_key_file.emplace();
  check(runnable);
}

asio::awaitable<void> ask(EgressOptions options, PolicyQuestion question, OriginOf origin_of, RunLoop& loop,
                          PolicyAnswer& out) {
  io::SystemResolver resolver(loop.executor());
  auto answered = co_await io::unless(
      loop.stop_requested(), check_policy(std::move(options), std::move(question), resolver, std::move(origin_of)));
  if (!answered) throw ops::RunError("interrupted");
  out = std::move(*answered);
}

int run(const Arguments& arguments) {
  EgressOptions options;
  auto table = option_table(options);
  const bool named = arguments.size() > 1 && !arguments[1].starts_with("--");
  const auto loaded = ops::load_options(table, Arguments(arguments.begin() + (named ? 2 : 1), arguments.end()),
                                        ops::process_environment());
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  if (!named) throw UsageError("say whom: footbridge egress check-policy HOST:PORT, then the egress's own options");
  auto question = question_of(arguments[1]);
  check_policy_options(options);
  const auto origin_of = [&](std::string_view option) -> std::string {
    for (std::size_t i = 0; i < table.options().size(); ++i)
      if (table.options()[i].name_in_file() == option) return loaded.origins[i];
    return "default";
  };
  PolicyAnswer found;
  RunLoop loop;
  loop.run(ask(options, std::move(question), origin_of, loop, found));
  if (std::fputs(found.text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
  return found.allowed ? ops::kExitDone : ops::kExitFailed;
}

}  // namespace

PolicyQuestion question_of(const std::string& text) {
  PolicyQuestion out;
  std::string_view rest = text;
  if (rest.ends_with(kUdp)) {
    out.udp = true;
    rest.remove_suffix(kUdp.size());
  }
  const auto colon = rest.rfind(':');
  const auto host = rest.substr(0, colon);
  // 2001:db8::1:443 is an address by itself.
  const bool is_unclear = !host.starts_with('[') && host.find(':') != std::string_view::npos;
  const auto digits = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || colon == 0 || is_unclear)
    throw UsageError("check-policy: say HOST:PORT, as in example.org:443, [2001:db8::1]:443 or example.org:443/udp");
  out.host = host;
  return out;
}

asio::awaitable<PolicyAnswer> check_policy(EgressOptions options, PolicyQuestion question, io::Resolver& resolver,
                                           OriginOf origin_of) {
  const auto policy = question.udp ? udp_exit_policy(options) : std::optional(exit_policy(options));
  if (!policy) {
    const std::string_view off = options.policy == PolicyPreset::Off ? "policy.preset" : "policy.udp";
    co_return answer(question, false,
                     "  UDP: refused, none leaves here (" + std::string(off) + ", " + origin_of(off) + ")\n");
  }
  const auto target = explain_target(*policy, question.host, question.port);
  const bool is_port = target.rule == PolicyRule::PortListed || target.rule == PolicyRule::PortUnlisted ||
                       target.rule == PolicyRule::PortNever || target.rule == PolicyRule::PortExcepted;
  auto lines =
      line(options, question, is_port ? "port " + std::to_string(question.port) : question.host, target, origin_of);
  const auto parsed = core::parse_target(question.host);
  if (parsed && std::holds_alternative<IpAddress>(*parsed)) lines += note_of_unit(target, std::get<IpAddress>(*parsed));
  if (!target.allowed || !parsed || std::holds_alternative<IpAddress>(*parsed))
    co_return answer(question, target.allowed, std::move(lines));
  const auto found = co_await resolver.resolve(std::get<core::HostName>(*parsed), io::kResolveLimit);
  if (!found) {
    lines += "  " + question.host + ": refused, " + std::string(why_not(found.error())) + "\n";
    co_return answer(question, false, std::move(lines));
  }
  bool allowed = false;  // an egress connects to those that are
  for (const auto& address : *found) {
    const auto decision = explain_address(*policy, {address, question.port});
    allowed = allowed || decision.allowed;
    lines += line(options, question, address.to_text(), decision, origin_of) + note_of_unit(decision, address);
  }
  co_return answer(question, allowed, std::move(lines));
}

Command with_policy_check(Command egress) {
  egress.run = [ordinary = egress.run](const Arguments& arguments) {
    if (arguments.empty() || arguments.front().starts_with('-')) return ordinary(arguments);
    if (arguments.front() == kAction) return run(arguments);
    const auto hint = ops::did_you_mean(arguments.front(), std::array{std::string(kAction)});
    if (!hint.empty()) throw UsageError("unknown action" + hint);
    return ordinary(arguments);
  };
  return egress;
}

}  // namespace footbridge::egress
