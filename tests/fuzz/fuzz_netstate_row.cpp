// A row of reports to one netstate, from those who are certified, from who says a report again or changes it and from
// who cannot sign, while time passes: whatever is not new and genuine is not taken, and whatever is, is; what a viewer
// hears piece by piece is what one who comes later is told at once and goes on from; no edge ends at nothing; a public
// network shows no number below its crowd. When nobody says anything any more nothing is left.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "core/netstate/netstate.hpp"
#include "core/netstate/reporter_fixture.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page
using namespace footbridge::core;
using nlohmann::json;

constexpr std::size_t kMaxDeeds = 200;
constexpr std::size_t kNodesEach = 4;
constexpr std::size_t kEgresses = 3;
constexpr std::size_t kSaid = 16;  // reports that may be said again
constexpr std::uint64_t kWindowMillis = Millis(kReportWindow).count();
constexpr std::uint64_t kCertified = 3;  // the serial of ReportingNetwork
constexpr std::array kRoles{wire::NodeRole::Volunteer, wire::NodeRole::Volunteer, wire::NodeRole::Page,
                            wire::NodeRole::Extension, wire::NodeRole::Broker,    wire::NodeRole::Egress,
                            wire::NodeRole::Egress};

// Keys and names, once for all inputs.
struct World : ReportingNetwork {
  struct Member {
    Reporter reporter;
    std::vector<wire::StateReport> nodes;  // its own, as they are before they say anything
  };
  World() {
    for (std::size_t i = 0; i < kEgresses; ++i) egresses.push_back(wire::EgressName::random(rng));
    for (const auto role : kRoles) {
      auto& member = members.emplace_back(Member{reporter(role), {}});
      for (std::size_t i = 0; i < kNodesEach; ++i) {
        member.nodes.push_back(report(role));
        if (role == wire::NodeRole::Egress) member.nodes.back().egress = egresses[members.size() % kEgresses];
      }
    }
  }
  std::vector<wire::EgressName> egresses;
  std::vector<Member> members;
};

// What somebody knows who has heard everything.
struct Picture {
  std::map<std::string, json> nodes;
  std::map<std::pair<std::string, std::string>, json> edges;

  void hear(const json& told) {
    for (const auto& node : told.at("nodes")) nodes[node.at("id")] = node;
    for (const auto& edge : told.at("edges")) edges[{edge.at("from"), edge.at("to")}] = edge;
    for (const auto& edge : told.value("cut", json::array())) edges.erase({edge.at(0), edge.at(1)});
    for (const auto& id : told.value("gone", json::array())) nodes.erase(id.get<std::string>());
  }
  void check(std::uint32_t crowd) const {
    const auto is_shown = [&](const json& number) {
      return number.is_null() || (number.get<std::uint64_t>() % crowd == 0 && (crowd == 1 || number != 0));
    };
    for (const auto& [ends, edge] : edges)
      FB_ASSERT(nodes.contains(ends.first) && nodes.contains(ends.second) && is_shown(edge.at("people")));
    for (const auto& [id, node] : nodes) FB_ASSERT(is_shown(node.at("people")));
  }
  friend bool operator==(const Picture&, const Picture&) = default;
};

class Row {
 public:
  Row(World& world, const ViewRules& rules, fuzz::Deeds& deeds)
      : world_(world), crowd_(rules.crowd), deeds_(deeds), netstate_(root_key(world.root), rules, rng_, now_, wall()) {}

  void play() {
    for (std::size_t i = 0; i < kMaxDeeds && !deeds_.empty(); ++i) {
      switch (deeds_.below(12)) {
        case 0: pass(Millis(deeds_.byte() * deeds_.byte())); break;
        case 1: say_again(); break;
        case 2: change_on_the_way(); break;
        case 3: say_unsigned(); break;
        case 4: send(deeds_.run(), Fate::Refused); break;
        case 5: speak_for_another(); break;
        case 6: late_.emplace().hear(json::parse(netstate_.snapshot(wall()).json)); break;
        default: report(); break;
      }
      pass({});
    }
    end();
  }

 private:
  enum class Fate : std::uint8_t { Refused, Taken, Either };
  struct Last {
    const World::Member* member = nullptr;
    wire::StateReport report;
  };

  UnixMillis wall() const {
    const auto passed = std::chrono::duration_cast<Millis>(now_.time_since_epoch()).count();
    return UnixMillis{count(ReportingNetwork::kWall) + static_cast<std::uint64_t>(passed)};
  }
  // Looks up whenever it wants to be looked at, and hears all of it.
  void pass(Duration span) {
    const auto until = now_ + span;
    while (const auto due = netstate_.deadline()) {
      if (*due > until) break;
      now_ = std::max(now_, *due);
      listen();
      FB_ASSERT(netstate_.deadline() > now_);
    }
    now_ = until;
    listen();
  }
  void listen() {
    netstate_.on_time(now_, wall());
    while (const auto event = netstate_.poll()) {
      const auto told = json::parse(event->json);
      viewer_.hear(told);
      viewer_.check(crowd_);
      if (!late_) continue;
      late_->hear(told);
      FB_ASSERT(*late_ == viewer_);
    }
  }
  void send(ByteView batch, Fate fate) {
    const auto before = netstate_.taken();
    const auto source = deeds_.one_in(2) ? std::optional<std::uint64_t>(deeds_.below(2)) : std::nullopt;
    const auto country = deeds_.one_in(2) ? *Country::parse("DE") : Country{};
    const auto answer = netstate_.on_batch(now_, wall(), source, country, batch);
    const auto taken = netstate_.taken() - before;
    FB_ASSERT(fate == Fate::Either ? taken <= 1 : taken == (fate == Fate::Taken ? 1 : 0));
    FB_ASSERT(taken == 0 || answer.verdict == BatchVerdict::Taken);
    FB_ASSERT((answer.verdict == BatchVerdict::Later) == (answer.retry_after > Seconds{0}));
  }
  wire::StateReport draw(const World::Member& member) {
    auto out = member.nodes[deeds_.below(kNodesEach)];
    out.sequence = ++sequence_;
    out.state = static_cast<wire::NodeState>(1 + deeds_.below(5));
    out.up_kib = wire::in_steps(deeds_.byte() << deeds_.below(40));
    out.sessions = static_cast<std::uint32_t>(deeds_.below(20));
    for (auto legs = wire::carries(out.role) ? deeds_.below(4) : 0; legs > 0; --legs)
      out.legs.push_back({world_.egresses[deeds_.below(kEgresses)], static_cast<std::uint32_t>(deeds_.below(20))});
    return out;
  }
  // By who may, or too late, or after its directory key was replaced.
  void report() {
    if (deeds_.one_in(32)) netstate_.on_directory_serial(serial_ = std::max<std::uint64_t>(serial_, deeds_.below(8)));
    const auto& member = world_.members[deeds_.below(kRoles.size())];
    const auto report = draw(member);
    const auto late = deeds_.one_in(8) ? kWindowMillis + 1 : deeds_.byte() * kWindowMillis / 255;
    tell(member, report, UnixMillis{count(wall()) - late});
  }
  void tell(const World::Member& member, const wire::StateReport& report, UnixMillis at) {
    const auto body = wire::encode_report_batch({member.reporter.sign(report, at)});
    if (count(at) + kWindowMillis < count(wall()) || serial_ > kCertified) return send(body, Fate::Refused);
    if (disputed_.contains(report.node)) return send(body, Fate::Either);
    send(body, Fate::Taken);
    last_[report.node] = {&member, report};
    if (said_.size() < kSaid) said_.push_back(body);
  }
  // Long enough for numbers to be shown: all say again how they are.
  void stay() {
    for (Duration span{}; span < kPublicDelay + kPeopleEvery; span += kNodeTtl / 2) {
      for (auto [node, last] : std::map(last_)) {
        if (last.report.state == wire::NodeState::Gone) continue;
        last.report.sequence = ++sequence_;
        tell(*last.member, last.report, wall());
      }
      pass(kNodeTtl / 2);
    }
  }
  void say_again() {
    if (!said_.empty()) send(said_[deeds_.below(said_.size())], Fate::Refused);
  }
  // One bit of something new is another: nothing of it stands for nothing.
  void change_on_the_way() {
    const auto& member = world_.members[deeds_.below(kRoles.size())];
    auto body = wire::encode_report_batch({member.reporter.sign(draw(member), wall())});
    body[(deeds_.byte() << 8 | deeds_.byte()) % body.size()] ^= static_cast<std::byte>(1 << deeds_.below(8));
    send(body, Fate::Refused);
  }
  // A node is whose who brings it first; so after this it may be either's.
  void speak_for_another() {
    const auto& member = world_.members[deeds_.below(kRoles.size())];
    const auto& other = world_.members[deeds_.below(kRoles.size())];
    if (&member == &other) return;
    auto report = draw(member);
    report.node = other.nodes[deeds_.below(kNodesEach)].node;
    disputed_.insert(report.node);
    send(wire::encode_report_batch({member.reporter.sign(report, wall())}), Fate::Either);
  }
  void say_unsigned() {
    const auto& member = world_.members[deeds_.below(kRoles.size())];
    auto report = draw(member);
    report.node = {};
    report.node.raw.back() = static_cast<std::byte>(deeds_.below(kNodesEach));
    const auto before = netstate_.taken();
    const auto answer = netstate_.on_unsigned(now_, std::nullopt, Country{}, report);
    FB_ASSERT(wire::carries(report.role) || answer.verdict == BatchVerdict::Refused);
    FB_ASSERT(netstate_.taken() - before <= (answer.verdict == BatchVerdict::Taken ? 1U : 0U));
  }
  void end() {
    stay();
    pass(kNodeTtl);
    FB_ASSERT(netstate_.nodes() == 0 && netstate_.edges() == 0);
    pass(kPublicDelay + kReturnTo + kPeopleEvery);
    FB_ASSERT(viewer_ == Picture{});
  }

  World& world_;
  std::uint32_t crowd_;
  fuzz::Deeds& deeds_;
  SeededRng rng_{1};
  TimePoint now_{};
  Netstate netstate_;
  Picture viewer_;
  std::optional<Picture> late_;
  std::uint64_t sequence_ = 0;
  std::uint64_t serial_ = 0;
  std::vector<Bytes> said_;
  std::map<wire::NodeName, Last> last_;  // that was taken
  std::set<wire::NodeName> disputed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  fuzz::Deeds deeds(as_bytes(data, size));
  Row(world, deeds.one_in(2) ? kPublicView : kPrivateView, deeds).play();
  return 0;
}
