#include "observe/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <variant>

#include "base/overloaded.hpp"

namespace footbridge::observe {
namespace {

// `real`: with a decimal point also where none is needed, as OpenMetrics wants bounds written.
std::string number(double value, bool real = false) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (std::isnan(value)) return "NaN";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  std::string out(text, end);
  if (real && out.find_first_of(".e") == out.npos) out += ".0";
  return out;
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {
  FB_ASSERT(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) {
  const auto index = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(index)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

// One metric of any kind with all of its series. The deques never move what a handle points to.
struct Registry::Entry {
  using Value = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>,
                             std::function<std::uint64_t()>, std::function<double()>>;
  struct Labelled {
    std::string label;  // key="value", or empty
    Value value;
  };
  std::string name;
  std::string help;
  Kind kind;
  std::deque<Labelled> series;

  void expose(std::string& out, Exposition as) const {
    const bool open = as == Exposition::OpenMetrics;
    const auto family = open ? family_name() : name;
    const std::string type(kind == Kind::Info && !open ? "gauge" : type_name());
    out += "# HELP " + family + " " + help + "\n# TYPE " + family + " " + type + "\n";
    for (const auto& one : series)
      std::visit(
          Overloaded{[&](const std::unique_ptr<Counter>& c) { line(out, one.label, std::to_string(c->value())); },
                     [&](const std::unique_ptr<Gauge>& g) { line(out, one.label, std::to_string(g->value())); },
                     [&](const std::unique_ptr<Histogram>& h) { histogram(out, one.label, *h, open); },
                     [&](const std::function<std::uint64_t()>& f) { line(out, one.label, std::to_string(f())); },
                     [&](const std::function<double()>& f) { line(out, one.label, number(f())); }},
          one.value);
  }

 private:
  std::string_view type_name() const {
    switch (kind) {
      case Kind::Counter: return "counter";
      case Kind::Gauge: return "gauge";
      case Kind::Histogram: return "histogram";
      case Kind::Info: return "info";
    }
    FB_ASSERT(false);
  }
  // OpenMetrics calls a family without what its samples end in.
  std::string family_name() const {
    const std::string_view end = kind == Kind::Counter ? "_total" : kind == Kind::Info ? "_info" : "";
    return name.substr(0, name.size() - end.size());
  }
  void line(std::string& out, const std::string& label, const std::string& value, std::string_view suffix = "") const {
    out += name;
    out += suffix;
    if (!label.empty()) out += "{" + label + "}";
    out += " " + value + "\n";
  }
  void histogram(std::string& out, const std::string& label, const Histogram& h, bool open) const {
    const auto others = label.empty() ? label : label + ",";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= h.bounds().size(); ++i) {
      below += h.bucket(i);
      const auto bound = i < h.bounds().size() ? number(h.bounds()[i], open) : "+Inf";
      line(out, others + "le=\"" + bound + "\"", std::to_string(below), "_bucket");
    }
    line(out, label, number(h.sum()), "_sum");
    line(out, label, std::to_string(below), "_count");
  }
};

Registry::Registry() = default;
Registry::~Registry() = default;

template <class Value>
Value& Registry::add(Kind kind, MetricName name, std::string_view help, Key label, std::string_view value, Value handle,
                     std::size_t more) {
  FB_ASSERT(name.text().ends_with("_total") == (kind == Kind::Counter));
  FB_ASSERT(help.find_first_of("\n\\\"") == std::string_view::npos);
  const std::scoped_lock lock(mutex_);
  series_ += more;
  FB_ASSERT(series_ <= kMaxSeries);
  auto at = std::ranges::find(entries_, name.text(), [](const auto& entry) { return entry->name; });
  if (at == entries_.end())
    at = entries_.insert(at, std::make_unique<Entry>(std::string(name.text()), std::string(help), kind));
  auto& entry = **at;
  FB_ASSERT(entry.kind == kind);
  const auto text = value.empty() ? std::string() : std::string(label.text()) + "=\"" + std::string(value) + "\"";
  for (const auto& one : entry.series) FB_ASSERT(one.label != text);  // registered twice
  entry.series.push_back({text, std::move(handle)});
  return std::get<Value>(entry.series.back().value);
}

Counter& Registry::counter_in(MetricName name, std::string_view help, Key label, std::string_view value) {
  return *add(Kind::Counter, name, help, label, value, std::make_unique<Counter>());
}
Gauge& Registry::gauge_in(MetricName name, std::string_view help, Key label, std::string_view value) {
  return *add(Kind::Gauge, name, help, label, value, std::make_unique<Gauge>());
}
Histogram& Registry::histogram_in(MetricName name, std::string_view help, Key label, std::string_view value,
                                  std::initializer_list<double> bounds) {
  const auto series = bounds.size() + 3;  // the buckets, +Inf, sum and count
  return *add(Kind::Histogram, name, help, label, value, std::make_unique<Histogram>(std::vector(bounds)), series);
}
void Registry::read_in(MetricName name, std::string_view help, Key label, std::string_view value,
                       std::function<std::uint64_t()> read) {
  add(Kind::Counter, name, help, label, value, std::move(read));
}
void Registry::read_in(MetricName name, std::string_view help, Key label, std::string_view value,
                       std::function<double()> read) {
  add(Kind::Gauge, name, help, label, value, std::move(read));
}

void Registry::info(MetricName name, std::string_view help, Key label, std::string_view value) {
  FB_ASSERT(name.text().ends_with("_info") && value.find_first_of("\"\\\n") == std::string_view::npos);
  add(Kind::Info, name, help, label, value, std::make_unique<Gauge>())->set(1);
}

Counter& Registry::counter(MetricName name, std::string_view help) { return counter_in(name, help, "none", ""); }
Gauge& Registry::gauge(MetricName name, std::string_view help) { return gauge_in(name, help, "none", ""); }
Histogram& Registry::histogram(MetricName name, std::string_view help, std::initializer_list<double> bounds) {
  return histogram_in(name, help, "none", "", bounds);
}
void Registry::counter_from(MetricName name, std::string_view help, std::function<std::uint64_t()> read) {
  read_in(name, help, "none", "", std::move(read));
}
void Registry::gauge_from(MetricName name, std::string_view help, std::function<double()> read) {
  read_in(name, help, "none", "", std::move(read));
}

std::string Registry::expose(Exposition as) const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  for (const auto& entry : entries_) entry->expose(out, as);
  if (as == Exposition::OpenMetrics) out += "# EOF\n";
  return out;
}

std::size_t Registry::series() const {
  const std::scoped_lock lock(mutex_);
  return series_;
}

}  // namespace footbridge::observe
