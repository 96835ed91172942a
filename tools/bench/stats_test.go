package main

import (
	"math"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		name   string
		sorted []time.Duration
		p      float64
		want   time.Duration
	}{
		{"none", nil, 0.5, 0},
		{"one", []time.Duration{7}, 0.99, 7},
		{"median of an even number is the lower", []time.Duration{1, 2}, 0.5, 1},
		{"median of three", []time.Duration{1, 2, 9}, 0.5, 2},
		{"p50 of a hundred", hundred, 0.5, 50},
		{"p99 of a hundred", hundred, 0.99, 99},
		{"all", hundred, 1, 100},
		{"nothing", hundred, 0, 1},
	} {
		if got := percentile(c.sorted, c.p); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestSlope(t *testing.T) {
	for _, c := range []struct {
		name   string
		points []point
		want   float64
		ok     bool
	}{
		{"no points", nil, 0, false},
		{"one point", []point{{1, 1}}, 0, false},
		{"one place", []point{{1, 1}, {1, 5}}, 0, false},
		{"a line", []point{{0, 100}, {10, 140}, {20, 180}}, 4, true},
		{"noise of equal size on both sides", []point{{0, 1}, {1, -1}, {2, -1}, {3, 1}}, 0, true},
		{"one far off", []point{{0, 0}, {1, 1}, {2, 5}}, 2.5, true},
	} {
		got, ok := slope(c.points)
		if ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}
