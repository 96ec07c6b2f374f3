#include "core/netstate/view_text.hpp"

#include <string_view>

#include "base/assert.hpp"
#include "base/number_text.hpp"

namespace footbridge::core {
namespace {

void write(std::string& out, std::string_view text) { out += text; }
void write(std::string& out, std::uint64_t number) { out += number_text(number); }
void write(std::string& out, bool yes) { out += yes ? "true" : "false"; }
void write(std::string& out, const ShownNumber& number) {
  if (number)
    write(out, *number);
  else
    out += "null";
}
// Nothing in what is quoted has to be escaped: see view.hpp.
void quote(std::string& out, std::string_view text) { (out += '"') += text, out += '"'; }

template <class Value>
void field(std::string& out, std::string_view key, const Value& value) {
  if (out.back() != '{') out += ',';
  quote(out, key);
  out += ':';
  write(out, value);
}
void text_field(std::string& out, std::string_view key, std::string_view text) {
  field(out, key, std::string_view{});
  quote(out, text);
}
template <class Each, class Write>
void list_field(std::string& out, std::string_view key, const Each& each, const Write& write_one) {
  field(out, key, std::string_view("["));
  for (const auto& one : each) {
    if (out.back() != '[' || &one != &*std::begin(each)) out += ',';
    write_one(one);
  }
  out += ']';
}

std::string country_text(const ShownNode& node) { return node.country ? node.country->to_text() : "other"; }

void write_node(std::string& out, const ShownNode& node, bool is_private) {
  out += '{';
  text_field(out, "id", id_text(node.id));
  text_field(out, "role", wire::name(node.role));
  text_field(out, "state", name(node.state));
  text_field(out, "country", country_text(node));
  field(out, "people", node.people);
  field(out, "since", count(node.since));
  if (is_private) text_field(out, "tag", node.tag);
  out += '}';
}

void write_edge(std::string& out, const ShownEdge& edge) {
  out += '{';
  text_field(out, "from", id_text(edge.from));
  text_field(out, "to", id_text(edge.to));
  field(out, "people", edge.people);
  out += '}';
}

void write_totals(std::string& out, const ShownTotals& totals) {
  field(out, "totals", std::string_view("{"));
  field(out, "nodes", std::string_view("{"));
  for (std::size_t i = 0; i < wire::kNodeRoles; ++i)
    field(out, wire::name(static_cast<wire::NodeRole>(i + 1)), std::uint64_t{totals.nodes[i]});
  out += '}';
  field(out, "people", totals.people);
  field(out, "sessions", totals.sessions);
  field(out, "bytes_per_second", totals.bytes_per_second);
  out += '}';
}

template <class Nodes, class Edges>
void write_graph(std::string& out, const Nodes& nodes, const Edges& edges, bool is_private) {
  list_field(out, "nodes", nodes, [&](const ShownNode& node) { write_node(out, node, is_private); });
  list_field(out, "edges", edges, [&](const ShownEdge& edge) { write_edge(out, edge); });
}

}  // namespace

std::string_view name(ShownState state) {
  switch (state) {
    case ShownState::Ready: return "ready";
    case ShownState::Helping: return "helping";
    case ShownState::Paused: return "paused";
    case ShownState::Draining: return "draining";
    case ShownState::Silent: return "silent";
  }
  FB_ASSERT(false);
}

std::uint32_t ShownTotals::all_nodes() const {
  std::uint32_t sum = 0;
  for (const auto of_role : nodes) sum += of_role;
  return sum;
}

std::string id_text(ShownId id) {
  const auto digits = number_text(static_cast<std::uint32_t>(id), 16);
  return std::string(8 - digits.size(), '0') + digits;
}

std::string snapshot_json(std::uint64_t version, UnixMillis at, bool is_private, const ViewSnapshot& snapshot) {
  std::string out = "{";
  out.reserve(256 + 136 * snapshot.nodes.size() + 56 * snapshot.edges.size());
  field(out, "version", version);
  field(out, "at", count(at));
  field(out, "private", is_private);
  write_graph(out, snapshot.nodes, snapshot.edges, is_private);
  write_totals(out, snapshot.totals);
  return out += '}';
}

std::string delta_json(const StampedDelta& stamped, bool is_private) {
  std::string out = "{";
  const auto& delta = stamped.delta;
  field(out, "version", stamped.version);
  field(out, "at", count(stamped.at));
  write_graph(out, delta.nodes, delta.edges, is_private);
  list_field(out, "cut", delta.cut, [&](const auto& edge) {
    out += '[';
    quote(out, id_text(edge.first));
    out += ',';
    quote(out, id_text(edge.second));
    out += ']';
  });
  list_field(out, "gone", delta.gone, [&](ShownId id) { quote(out, id_text(id)); });
  write_totals(out, delta.totals);
  return out += '}';
}

std::string series_json(const SeriesRows& rows) {
  std::string out = "{";
  field(out, "step_s", static_cast<std::uint64_t>(rows.step.count()));
  field(out, "from", count(rows.from));
  const auto column = [&](std::string_view key, const auto& value_of) {
    list_field(out, key, rows.rows, [&](const SeriesStep& row) { write(out, value_of(row)); });
  };
  column("nodes", [](const SeriesStep& row) { return std::uint64_t{row.nodes}; });
  column("people", [](const SeriesStep& row) { return row.people; });
  column("sessions", [](const SeriesStep& row) { return row.sessions; });
  column("bytes_per_second", [](const SeriesStep& row) { return row.bytes_per_second; });
  column("came", [](const SeriesStep& row) { return std::uint64_t{row.came}; });
  column("left", [](const SeriesStep& row) { return std::uint64_t{row.left}; });
  return out += '}';
}

std::string snapshot_dot(const ViewSnapshot& snapshot) {
  std::string out = "digraph netstate {\n";
  for (const auto& node : snapshot.nodes) {
    out += "  \"" + id_text(node.id) + "\" [label=\"" + std::string(wire::name(node.role)) + " " + country_text(node) +
           "\"];\n";
  }
  for (const auto& edge : snapshot.edges) {
    out += "  \"" + id_text(edge.from) + "\" -> \"" + id_text(edge.to) + "\"";
    if (edge.people) out += " [label=\"" + number_text(*edge.people) + "\"]";
    out += ";\n";
  }
  return out += "}\n";
}

}  // namespace footbridge::core
