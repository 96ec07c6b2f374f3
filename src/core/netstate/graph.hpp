// Graph: who is there and who carries to whom, as reports say it. A vertex is a run of a program, or an egress by its
// name: of one that carriers name and that has not reported, or not for kNodeTtl, the vertex is a silent placeholder,
// which goes with its last edge. So no edge ever ends at nothing. Pages and extensions, which anybody can invent, make
// no placeholders but one, the egress without a name (all zeros): their legs lead to egresses that others have said.
//
// What a report costs is what it says: a vertex, and up to kMaxReportLegs edges; expiry looks at who expires and at
// nobody else. What has changed since the last take_changes() is handed out once, by vertex. Bounds: kMaxGraphNodes,
// kMaxGraphEdges, kMaxPageEdges; a leg beyond them is left out, and counted. Not thread-safe: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/country.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge::core {

inline constexpr Seconds kNodeTtl{90};                 // NTS-T5: three reports of who has nothing new to say
inline constexpr std::size_t kMaxGraphNodes = 20'000;  // NTS-B20, placeholders among them
inline constexpr std::size_t kMaxGraphEdges = 40'000;  // NTS-B21
inline constexpr std::size_t kMaxPageEdges = 20'000;   // NTS-B29: of pages and extensions
// NTS-B27: of one node; sums of all stay exact in JSON.
inline constexpr std::uint64_t kMaxBytesPerSecond = 100'000'000'000;

// Names a vertex inside netstate; never used twice, and above those of all that came before.
enum class Vertex : std::uint64_t {};

struct GraphLeg {
  Vertex to{};
  std::uint32_t people = 0;
  friend bool operator==(const GraphLeg&, const GraphLeg&) = default;
};

// What is true of a vertex.
struct VertexFacts {
  wire::NodeRole role = wire::NodeRole::Volunteer;
  std::optional<wire::NodeState> state{};  // nullopt: silent
  Country country{};
  std::string tag{};
  std::vector<GraphLeg> legs{};  // by `to`, each once
  std::uint32_t sessions = 0;
  std::uint64_t bytes_per_second = 0;  // between its last two reports

  std::uint64_t people() const;  // of all legs
  friend bool operator==(const VertexFacts&, const VertexFacts&) = default;
};

// nullopt: it is gone.
struct GraphChange {
  Vertex vertex{};
  std::optional<VertexFacts> facts;
};

class Graph {
 public:
  // False: no room for another vertex. `country` counts when the node is new.
  bool apply(TimePoint now, Country country, const wire::StateReport& report);
  // Those of whom nothing was heard for kNodeTtl fall silent.
  void on_time(TimePoint now);
  std::optional<TimePoint> deadline() const { return silent_at_.earliest(); }

  bool has_changes() const { return !changed_.empty(); }
  // Vertices that came or changed first, those that are gone last: whoever applies them in this order has no dangling
  // edge.
  std::vector<GraphChange> take_changes();

  const VertexFacts* find(Vertex vertex) const;
  std::size_t nodes() const { return vertices_.size(); }
  std::size_t edges() const { return edges_; }
  std::uint64_t legs_left_out() const { return legs_left_out_; }
  // Vertices and edges that were looked at since the start: what the work was.
  std::uint64_t steps() const { return steps_; }

 private:
  struct Held {
    VertexFacts facts;
    std::size_t in_edges = 0;
    std::optional<wire::NodeName> node{};  // who reports as this; nullopt: a placeholder
    std::optional<wire::EgressName> egress{};
    std::uint64_t carried_kib = 0;
    std::optional<TimePoint> heard{};
  };
  std::optional<Vertex> vertex_of(Country country, const wire::StateReport& report);
  std::optional<Vertex> egress_named(const wire::EgressName& egress, bool may_be_new);
  std::optional<Vertex> add(Held held);
  std::vector<GraphLeg> resolve(const Held& held, const std::vector<wire::ReportedLeg>& legs);
  void set_legs(Held& held, std::vector<GraphLeg> legs);
  void release(Vertex to);
  void fall_silent(Vertex vertex);
  void remove(Vertex vertex);

  std::unordered_map<Vertex, Held> vertices_;  // numbers of our own
  std::map<wire::NodeName, Vertex> by_node_;   // names are chosen by peers: ordered maps
  std::map<wire::EgressName, Vertex> by_egress_;
  DeadlineSet<Vertex> silent_at_;
  std::set<Vertex> changed_;
  std::uint64_t next_ = 1;
  std::size_t edges_ = 0;
  std::size_t page_edges_ = 0;  // of them
  std::uint64_t legs_left_out_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace footbridge::core
