package rules

import (
	"math"
	"slices"
)

// consistency turns a MAD into a standard deviation of normal data
// (Iglewicz & Hoaglin 1993, the "modified z-score").
const consistency = 0.6745

// medianMAD returns the median and the median absolute deviation from it.
// It does not change its argument; an empty one gives zeros.
func medianMAD(values []float64) (median, mad float64) {
	if len(values) == 0 {
		return 0, 0
	}
	median = middle(slices.Clone(values))
	away := make([]float64, len(values))
	for i, v := range values {
		away[i] = math.Abs(v - median)
	}
	return median, middle(away)
}

func middle(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	if n%2 == 1 {
		return v[n/2]
	}
	return v[n/2-1] + (v[n/2]-v[n/2-1])/2 // no overflow of the sum
}

// standsOut says whether value lies more than k modified z-scores from the
// median. least is the relative change below which nothing stands out; it acts
// as a floor under the MAD, so a MAD of zero leaves exactly the absolute rule
// "changed by more than least".
func standsOut(value, median, mad, k, least float64) bool {
	away := math.Abs(value - median)
	return away > least*median && consistency*away > k*mad
}
