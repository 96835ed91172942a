package main

import (
	"slices"
	"time"
)

// percentile is the smallest of the sorted durations that at least p (0 to 1) of them do not exceed: the nearest-rank method.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(p*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// median of what rounds measured: the mean of the middle two of an even number.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}

// point is a sample of y at x.
type point struct{ x, y float64 }

// slope of the least-squares line through the points; false when they do not define one.
func slope(points []point) (float64, bool) {
	n := float64(len(points))
	if n < 2 {
		return 0, false
	}
	var mx, my float64
	for _, p := range points {
		mx += p.x / n
		my += p.y / n
	}
	var sxx, sxy float64
	for _, p := range points {
		sxx += (p.x - mx) * (p.x - mx)
		sxy += (p.x - mx) * (p.y - my)
	}
	if sxx == 0 {
		return 0, false
	}
	return sxy / sxx, true
}
