#include "observe/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <variant>

#include "base/overloaded.hpp"

namespace footbridge::observe {
namespace {

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (std::isnan(value)) return "NaN";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
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
  struct Labelled {
    std::string label;  // key="value", or empty
    std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>,
                 std::function<std::uint64_t()>, std::function<double()>>
        value;
  };
  std::string name;
  std::string help;
  std::string type;
  std::deque<Labelled> series;

  void expose(std::string& out) const {
    out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
    for (const auto& one : series)
      std::visit(
          Overloaded{[&](const std::unique_ptr<Counter>& c) { line(out, one.label, std::to_string(c->value())); },
                     [&](const std::unique_ptr<Gauge>& g) { line(out, one.label, std::to_string(g->value())); },
                     [&](const std::unique_ptr<Histogram>& h) { histogram(out, *h); },
                     [&](const std::function<std::uint64_t()>& f) { line(out, "", std::to_string(f())); },
                     [&](const std::function<double()>& f) { line(out, "", number(f())); }},
          one.value);
  }
  void line(std::string& out, const std::string& label, const std::string& value, std::string_view suffix = "") const {
    out += name;
    out += suffix;
    if (!label.empty()) out += "{" + label + "}";
    out += " " + value + "\n";
  }
  void histogram(std::string& out, const Histogram& h) const {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= h.bounds().size(); ++i) {
      below += h.bucket(i);
      const auto bound = i < h.bounds().size() ? number(h.bounds()[i]) : "+Inf";
      line(out, "le=\"" + bound + "\"", std::to_string(below), "_bucket");
    }
    line(out, "", number(h.sum()), "_sum");
    line(out, "", std::to_string(below), "_count");
  }
};

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Entry& Registry::metric(MetricName name, std::string_view help, std::string_view type, std::size_t more) {
  FB_ASSERT(name.text().ends_with("_total") == (type == "counter"));
  FB_ASSERT(help.find_first_of("\n\\") == std::string_view::npos);
  series_ += more;
  FB_ASSERT(series_ <= kMaxSeries);
  for (const auto& entry : entries_)
    if (entry->name == name.text()) {
      FB_ASSERT(entry->type == type);
      return *entry;
    }
  entries_.push_back(std::make_unique<Entry>(std::string(name.text()), std::string(help), std::string(type)));
  return *entries_.back();
}

Counter& Registry::counter_in(MetricName name, std::string_view help, Key label, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  auto& entry = metric(name, help, "counter", 1);
  const auto text = value.empty() ? std::string() : std::string(label.text()) + "=\"" + std::string(value) + "\"";
  for (const auto& one : entry.series) FB_ASSERT(one.label != text);  // registered twice
  entry.series.push_back({text, std::make_unique<Counter>()});
  return *std::get<std::unique_ptr<Counter>>(entry.series.back().value);
}

Gauge& Registry::gauge_in(MetricName name, std::string_view help, Key label, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  auto& entry = metric(name, help, "gauge", 1);
  const auto text = value.empty() ? std::string() : std::string(label.text()) + "=\"" + std::string(value) + "\"";
  for (const auto& one : entry.series) FB_ASSERT(one.label != text);  // registered twice
  entry.series.push_back({text, std::make_unique<Gauge>()});
  return *std::get<std::unique_ptr<Gauge>>(entry.series.back().value);
}

void Registry::info(MetricName name, std::string_view help, Key label, std::string_view value) {
  FB_ASSERT(name.text().ends_with("_info") && value.find_first_of("\"\\\n") == std::string_view::npos);
  gauge_in(name, help, label, value).set(1);
}

Counter& Registry::counter(MetricName name, std::string_view help) { return counter_in(name, help, "none", ""); }
Gauge& Registry::gauge(MetricName name, std::string_view help) { return gauge_in(name, help, "none", ""); }

Histogram& Registry::histogram(MetricName name, std::string_view help, std::initializer_list<double> bounds) {
  const std::scoped_lock lock(mutex_);
  auto& entry = metric(name, help, "histogram", bounds.size() + 3);  // the buckets, +Inf, sum and count
  FB_ASSERT(entry.series.empty());
  entry.series.push_back({"", std::make_unique<Histogram>(std::vector(bounds))});
  return *std::get<std::unique_ptr<Histogram>>(entry.series.back().value);
}

void Registry::counter_from(MetricName name, std::string_view help, std::function<std::uint64_t()> read) {
  const std::scoped_lock lock(mutex_);
  metric(name, help, "counter", 1).series.push_back({"", std::move(read)});
}

void Registry::gauge_from(MetricName name, std::string_view help, std::function<double()> read) {
  const std::scoped_lock lock(mutex_);
  metric(name, help, "gauge", 1).series.push_back({"", std::move(read)});
}

std::string Registry::expose() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  for (const auto& entry : entries_) entry->expose(out);
  return out;
}

std::size_t Registry::series() const {
  const std::scoped_lock lock(mutex_);
  return series_;
}

}  // namespace footbridge::observe
