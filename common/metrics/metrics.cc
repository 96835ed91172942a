#include "common/metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/metrics/process.h"

namespace atoll::metrics {

void Gauge::Add(double d) {
  double v = value_.load(std::memory_order_relaxed);
  while (!value_.compare_exchange_weak(v, v + d, std::memory_order_relaxed)) {
  }
}

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(std::make_unique<std::atomic<uint64_t>[]>(bounds_.size() + 1)) {
  CHECK(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::Observe(double v) {
  size_t i = static_cast<size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), v) - bounds_.begin());
  counts_[i].fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + v, std::memory_order_relaxed)) {
  }
}

std::vector<uint64_t> Histogram::counts() const {
  std::vector<uint64_t> out(bounds_.size() + 1);
  for (size_t i = 0; i < out.size(); ++i) out[i] = counts_[i].load(std::memory_order_relaxed);
  return out;
}

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Separates label values in a series' key. Label values come from bounded sets of ours, none of which has it.
constexpr char kSeparator = '\xff';

void Fill(const Counter& from, ClientMetric* to) { to->counter.value = static_cast<double>(from.value()); }
void Fill(const Gauge& from, ClientMetric* to) { to->gauge.value = from.value(); }
void Fill(const Histogram& from, ClientMetric* to) {
  std::vector<uint64_t> counts = from.counts();
  uint64_t total = 0;
  for (size_t i = 0; i < from.bounds().size(); ++i) {
    total += counts[i];
    to->histogram.bucket.push_back({total, from.bounds()[i]});
  }
  to->histogram.sample_count = total + counts.back();
  to->histogram.sample_sum = from.sum();
}

class Collector {
 public:
  virtual ~Collector() = default;
  virtual MetricFamily Collect() const = 0;
};

struct Description {
  std::string name, help;
  MetricType type;
  std::vector<std::string> labels;
};

MetricFamily Header(const Description& d) { return {d.name, d.help, d.type, {}}; }

template <class Values>
ClientMetric Labelled(const Description& d, const Values& values) {
  ClientMetric metric;
  for (size_t i = 0; i < d.labels.size(); ++i) metric.label.push_back({d.labels[i], std::string(values[i])});
  return metric;
}

// One family's series by label values. A series, once made, stays where it is.
template <class M>
class FamilyImpl final : public Family<M>, public Collector {
 public:
  FamilyImpl(Description description, size_t series_max, std::vector<double> bounds = {})
      : description_(std::move(description)), series_max_(series_max), bounds_(std::move(bounds)) {}

  M& With(std::initializer_list<std::string_view> label_values) override {
    CHECK(label_values.size() == description_.labels.size());
    thread_local std::string key;
    key.clear();
    for (std::string_view v : label_values) {
      key.append(v);
      key.push_back(kSeparator);
    }
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (auto it = series_.find(key); it != series_.end()) return it->second->metric;
    }
    absl::MutexLock lock(&mutex_);
    if (auto it = series_.find(key); it != series_.end()) return it->second->metric;
    if (series_.size() >= series_max_) {
      if (!other_) other_ = Make(std::vector<std::string>(description_.labels.size(), "other"));
      return other_->metric;
    }
    auto& slot = series_[key];
    slot = Make({label_values.begin(), label_values.end()});
    return slot->metric;
  }

  MetricFamily Collect() const override {
    MetricFamily out = Header(description_);
    absl::ReaderMutexLock lock(&mutex_);
    auto add = [&](const Series& s) {
      ClientMetric metric = Labelled(description_, s.label_values);
      Fill(s.metric, &metric);
      out.metric.push_back(std::move(metric));
    };
    for (const auto& [key, s] : series_) add(*s);
    if (other_) add(*other_);
    return out;
  }

 private:
  struct Series {
    template <class... Args>
    explicit Series(std::vector<std::string> values, Args&&... args)
        : label_values(std::move(values)), metric(std::forward<Args>(args)...) {}
    std::vector<std::string> label_values;
    M metric;
  };

  std::unique_ptr<Series> Make(std::vector<std::string> values) {
    if constexpr (std::is_same_v<M, Histogram>) {
      return std::make_unique<Series>(std::move(values), bounds_);
    } else {
      return std::make_unique<Series>(std::move(values));
    }
  }

  const Description description_;
  const size_t series_max_;
  const std::vector<double> bounds_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Series>> series_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Series> other_ ABSL_GUARDED_BY(mutex_);
};

class CallbackCollector final : public Collector {
 public:
  CallbackCollector(Description description, std::function<std::vector<Registry::Sample>()> collect)
      : description_(std::move(description)), collect_(std::move(collect)) {}

  MetricFamily Collect() const override {
    MetricFamily out = Header(description_);
    for (const Registry::Sample& sample : collect_()) {
      CHECK(sample.label_values.size() == description_.labels.size());
      ClientMetric metric = Labelled(description_, sample.label_values);
      // The serializer reads the member of the family's type.
      metric.counter.value = metric.gauge.value = metric.untyped.value = sample.value;
      out.metric.push_back(std::move(metric));
    }
    return out;
  }

 private:
  const Description description_;
  const std::function<std::vector<Registry::Sample>()> collect_;
};

MetricType TypeByName(std::string_view type) {
  if (type == "counter") return MetricType::Counter;
  if (type == "gauge") return MetricType::Gauge;
  return MetricType::Untyped;
}

std::function<std::vector<Registry::Sample>()> ProcessValue(double ProcessStats::* field) {
  return [field] { return std::vector<Registry::Sample>{{{}, ReadProcessStats().*field}}; };
}

}  // namespace

struct Registry::Impl {
  mutable absl::Mutex mutex;
  std::vector<std::unique_ptr<Collector>> collectors ABSL_GUARDED_BY(mutex);
  std::set<std::string> names ABSL_GUARDED_BY(mutex);

  template <class C>
  C& Add(const std::string& name, std::unique_ptr<C> collector) {
    absl::MutexLock lock(&mutex);
    CHECK(names.insert(name).second);  // each family has one owner
    C& out = *collector;
    collectors.push_back(std::move(collector));
    return out;
  }
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {
  NewCallback("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter", {},
              ProcessValue(&ProcessStats::cpu_seconds));
  NewCallback("process_resident_memory_bytes", "Resident memory size in bytes.", "gauge", {},
              ProcessValue(&ProcessStats::resident_bytes));
  NewCallback("process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge", {},
              ProcessValue(&ProcessStats::virtual_bytes));
  NewCallback("process_open_fds", "Number of open file descriptors.", "gauge", {},
              ProcessValue(&ProcessStats::open_fds));
  NewCallback("process_max_fds", "Maximum number of open file descriptors.", "gauge", {},
              ProcessValue(&ProcessStats::max_fds));
  NewCallback("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge", {},
              ProcessValue(&ProcessStats::start_time_seconds));
}

Registry::~Registry() = default;

Family<Counter>& Registry::NewCounter(std::string name, std::string help, std::vector<std::string> labels,
                                      size_t series_max) {
  return impl_->Add(name, std::make_unique<FamilyImpl<Counter>>(
                              Description{name, std::move(help), MetricType::Counter, std::move(labels)}, series_max));
}

Family<Gauge>& Registry::NewGauge(std::string name, std::string help, std::vector<std::string> labels,
                                  size_t series_max) {
  return impl_->Add(name, std::make_unique<FamilyImpl<Gauge>>(
                              Description{name, std::move(help), MetricType::Gauge, std::move(labels)}, series_max));
}

Family<Histogram>& Registry::NewHistogram(std::string name, std::string help, std::vector<double> bounds,
                                          std::vector<std::string> labels, size_t series_max) {
  return impl_->Add(name, std::make_unique<FamilyImpl<Histogram>>(
                              Description{name, std::move(help), MetricType::Histogram, std::move(labels)}, series_max,
                              std::move(bounds)));
}

void Registry::NewCallback(std::string name, std::string help, std::string type, std::vector<std::string> labels,
                           std::function<std::vector<Sample>()> collect) {
  impl_->Add(name, std::make_unique<CallbackCollector>(
                       Description{name, std::move(help), TypeByName(type), std::move(labels)}, std::move(collect)));
}

std::string Registry::Text() const {
  std::vector<MetricFamily> families;
  {
    // Held while collecting: families are never removed, but the list may grow. A collector must not register.
    absl::MutexLock lock(&impl_->mutex);
    families.reserve(impl_->collectors.size());
    for (const auto& c : impl_->collectors) {
      MetricFamily family = c->Collect();
      if (!family.metric.empty()) families.push_back(std::move(family));
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace atoll::metrics
