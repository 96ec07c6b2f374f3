// Metrics of a program: counters, gauges and histograms, written for scrapers by the admin listener.
//
// Names are literals: footbridge_<program>_<noun>_<unit>, counters end in _total; base units (seconds, bytes).
// Labels are enums closed at compile time, so no peer can add a series; all series exist from the start with value 0,
// and a registry holds at most kMaxSeries of them. Each program's engine has a registry of its own: nothing is counted
// for the process, so two of them in one process (tests, the demo) never count together.
// Look a handle up once, at wiring; add() and set() are one relaxed atomic operation. Registering is not for the hot
// path (mutex); handles live as long as the registry.
//
// Own, not prometheus-cpp: that library takes labels as free text without a bound and locks a mutex for each histogram
// observation; the wrapper that would take both away is as long as this.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "observe/key_value.hpp"

namespace footbridge::observe {

// A scrape of this size is 100 KB; a program that wants more is labelling by something a peer controls.
inline constexpr std::size_t kMaxSeries = 1'000;

// How a scrape is written. Both say the same.
enum class Exposition : std::uint8_t {
  Prometheus,   // text exposition format 0.0.4
  OpenMetrics,  // 1.0.0
};

class MetricName {
 public:
  consteval MetricName(const char* literal) : text_(literal) {  // NOLINT: a literal *is* a name
    if (!text_.starts_with("footbridge_")) throw "a metric begins with footbridge_";
    for (const char c : text_)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) throw "a metric is a-z, 0-9 and '_'";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Fixed upper bounds in the metric's base unit, ascending; +Inf is added.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void observe(double value);
  void observe(Duration value) { observe(std::chrono::duration<double>(value).count()); }

  std::span<const double> bounds() const { return bounds_; }
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::deque<std::atomic<std::uint64_t>> buckets_;  // one more than bounds
  std::atomic<double> sum_{0};
};

// One metric for each value of an enum, found by index: families[Outcome::Matched].add().
template <class Metric, NamedEnum E, std::size_t N>
class Family {
 public:
  Family(std::array<E, N> values, std::array<Metric*, N> metrics) : values_(values), metrics_(metrics) {}
  Metric& operator[](E value) const {
    for (std::size_t i = 0; i < N; ++i)
      if (values_[i] == value) return *metrics_[i];
    assertion_failed("a label value that was not registered", __FILE__, __LINE__);
  }
  // Of all label values together.
  auto total() const {
    decltype(metrics_[0]->value()) out = 0;
    for (const auto* metric : metrics_) out += metric->value();
    return out;
  }

 private:
  std::array<E, N> values_;
  std::array<Metric*, N> metrics_;
};

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& counter(MetricName name, std::string_view help);
  Gauge& gauge(MetricName name, std::string_view help);
  Histogram& histogram(MetricName name, std::string_view help, std::initializer_list<double> bounds);

  template <NamedEnum E, std::size_t N>
  Family<Counter, E, N> counters(MetricName metric, std::string_view help, Key label, std::array<E, N> values) {
    return {values, each<N>(values, [&](E v) { return &counter_in(metric, help, label, name(v)); })};
  }
  template <NamedEnum E, std::size_t N>
  Family<Gauge, E, N> gauges(MetricName metric, std::string_view help, Key label, std::array<E, N> values) {
    return {values, each<N>(values, [&](E v) { return &gauge_in(metric, help, label, name(v)); })};
  }
  template <NamedEnum E, std::size_t N>
  Family<Histogram, E, N> histograms(MetricName metric, std::string_view help, Key label, std::array<E, N> values,
                                     std::initializer_list<double> bounds) {
    return {values, each<N>(values, [&](E v) { return &histogram_in(metric, help, label, name(v), bounds); })};
  }
  // Read at each scrape, on the thread that scrapes: `read` must be safe to call there.
  void counter_from(MetricName name, std::string_view help, std::function<std::uint64_t()> read);
  void gauge_from(MetricName name, std::string_view help, std::function<double()> read);
  template <NamedEnum E, std::size_t N>
  void counters_from(MetricName metric, std::string_view help, Key label, std::array<E, N> values,
                     const std::function<std::uint64_t(E)>& read) {
    for (const E v : values) read_in(metric, help, label, name(v), std::function([read, v] { return read(v); }));
  }
  template <NamedEnum E, std::size_t N>
  void gauges_from(MetricName metric, std::string_view help, Key label, std::array<E, N> values,
                   const std::function<double(E)>& read) {
    for (const E v : values) read_in(metric, help, label, name(v), std::function([read, v] { return read(v); }));
  }

  // A gauge that is always 1 and tells something by its label: a version. `value` is ours, never a peer's.
  void info(MetricName name, std::string_view help, Key label, std::string_view value);

  std::string expose(Exposition as = Exposition::Prometheus) const;
  std::size_t series() const;

 private:
  struct Entry;
  enum class Kind : std::uint8_t { Counter, Gauge, Histogram, Info };
  Counter& counter_in(MetricName name, std::string_view help, Key label, std::string_view value);
  Gauge& gauge_in(MetricName name, std::string_view help, Key label, std::string_view value);
  Histogram& histogram_in(MetricName name, std::string_view help, Key label, std::string_view value,
                          std::initializer_list<double> bounds);
  void read_in(MetricName name, std::string_view help, Key label, std::string_view value,
               std::function<std::uint64_t()> read);
  void read_in(MetricName name, std::string_view help, Key label, std::string_view value, std::function<double()> read);
  template <class Value>
  Value& add(Kind kind, MetricName name, std::string_view help, Key label, std::string_view value, Value handle,
             std::size_t more_series = 1);

  template <std::size_t N, class E, class F>
  static auto each(const std::array<E, N>& values, F&& make) {
    std::array<decltype(make(values[0])), N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = make(values[i]);
    return out;
  }

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Entry>> entries_;
  std::size_t series_ = 0;
};

}  // namespace footbridge::observe
