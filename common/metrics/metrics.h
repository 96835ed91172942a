// Counters, gauges and histograms that are cheap on hot paths (atomics, no lock once a series is found), in Prometheus'
// text form. Families are registered once; label values come from bounded sets, never from user input and never from a
// workspace.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atoll::metrics {

class Counter {
 public:
  void Add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(double v) { value_.store(v, std::memory_order_relaxed); }
  void Add(double d);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void Observe(double v);
  const std::vector<double>& bounds() const { return bounds_; }
  std::vector<uint64_t> counts() const;  // one per bound and one for +Inf, not cumulative
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// A family of series with the same label names. `With` finds or creates; keep the reference on hot paths.
// Bound: series_max series; beyond it all further label sets share one series whose labels say "other".
template <class M>
class Family {
 public:
  virtual ~Family() = default;
  virtual M& With(std::initializer_list<std::string_view> label_values) = 0;
};

class Registry {
 public:
  Registry();
  ~Registry();
  Family<Counter>& NewCounter(std::string name, std::string help, std::vector<std::string> labels = {},
                              size_t series_max = 4096);
  Family<Gauge>& NewGauge(std::string name, std::string help, std::vector<std::string> labels = {},
                          size_t series_max = 4096);
  Family<Histogram>& NewHistogram(std::string name, std::string help, std::vector<double> bounds,
                                  std::vector<std::string> labels = {}, size_t series_max = 1024);
  // A value computed at scrape time.
  struct Sample {
    std::vector<std::string> label_values;
    double value;
  };
  void NewCallback(std::string name, std::string help, std::string type, std::vector<std::string> labels,
                   std::function<std::vector<Sample>()> collect);
  // Prometheus text exposition format 0.0.4, with process_* metrics.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::metrics
