#include "programs/netstate/unbounded_door.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/primitives.hpp"
#include "io/clock.hpp"

namespace footbridge::netstate {
namespace {

using Json = nlohmann::json;

constexpr int kSetPeople = 0;  // the only "Op" there is
constexpr std::size_t kMaxNesting = 4;

// What its clients read: the status once more.
http::Response spoken(unsigned status) {
  return {.status = status,
          .content_type = "text/plain",
          .body = to_bytes(std::to_string(status) + "\n"),
          .headers = {{"Access-Control-Allow-Origin", "*"}}};
}

struct Said {
  std::size_t people = 0;
  std::string tag;
};

std::optional<Said> parse(ByteView body) {
  bool deep = false;
  const auto text = as_text(body);
  const auto json = Json::parse(
      text.begin(), text.end(),
      [&](int depth, Json::parse_event_t, Json&) {
        deep = deep || depth > static_cast<int>(kMaxNesting);
        return !deep;
      },
      /*allow_exceptions=*/false);
  if (json.is_discarded() || deep || !json.is_object()) return std::nullopt;
  const auto op = json.find("Op");
  if (op == json.end() || !op->is_number_integer() || *op != kSetPeople) return std::nullopt;
  Said out;
  if (const auto tag = json.find("Tag"); tag != json.end() && tag->is_string()) out.tag = tag->get<std::string>();
  const auto args = json.find("Args");
  if (args == json.end() || args->is_null()) return out;
  if (!args->is_array() || args->size() > kMaxUnboundedPeople) return std::nullopt;
  out.people = args->size();
  return out;
}

}  // namespace

bool UnboundedDoor::takes(const http::Request& request) const {
  return request.method == "POST" && request.target.reveal_to_socket() == "/exec";
}

http::Response UnboundedDoor::exec(const http::Request& request) {
  const auto said = parse(request.body);
  if (!said) return spoken(400);
  const auto& from = request.peer.reveal_to_socket();
  auto name = to_bytes(from.address.view());
  append(name, as_bytes(said->tag));
  wire::StateReport report;
  report.node = {crypto::blake2b<wire::NodeName::kBytes>(name, name_key_)};
  report.role = wire::NodeRole::Volunteer;
  report.sequence = ++sequence_;
  report.state = said->people > 0 ? wire::NodeState::Helping : wire::NodeState::Ready;
  // They have one egress, and do not name it.
  if (said->people > 0) report.legs.push_back({wire::EgressName{}, static_cast<std::uint32_t>(said->people)});
  const auto taken = live_.take_unsigned(from, std::move(report)).verdict == core::BatchVerdict::Taken;
  return spoken(taken ? 200 : 400);
}

// Who is shown, without names and without a place: what is known of that is a country at most.
std::string UnboundedDoor::data() {
  const auto shown = Json::parse(live_.snapshot_json(), nullptr, /*allow_exceptions=*/false);
  std::map<std::string, std::size_t> index;
  auto out = Json::array();
  for (const auto& node : shown.value("nodes", Json::array())) {
    index.emplace(node.value("id", ""), out.size());
    out.push_back({{"t", 0}, {"lat", 0}, {"lon", 0}, {"edges", Json::array()}});
  }
  for (const auto& edge : shown.value("edges", Json::array())) {
    const auto from = index.find(edge.value("from", ""));
    const auto to = index.find(edge.value("to", ""));
    if (from != index.end() && to != index.end()) out[from->second]["edges"].push_back(to->second);
  }
  return out.dump();
}

}  // namespace footbridge::netstate
