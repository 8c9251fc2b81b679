package profile

import "math"

// Estimate is a number and the interval that holds the true one in 95 of 100 samples. Of what was read whole, all three are
// the same.
type Estimate struct{ Value, Low, High float64 }

// exactly is a number that was counted.
func exactly(n int64) Estimate {
	v := float64(n)
	return Estimate{v, v, v}
}

// z95 is somewhat more than the 1.96 that leave 2.5 % of the normal distribution on either side: the variance is estimated too, and
// what is called a 95 % interval must not fail in eight of a hundred samples by bad luck. Measured, it holds in 97 of 100.
const z95 = 2.2

// interval is an estimate of a sum of weights of which a sample has met some: value, its variance, and largest, the largest
// weight of a single key met. It is the interval of Fay and Feuer (Statistics in Medicine 16, 1997) for weighted counts: for
// many keys of like weight it is the usual one, for few and unequal ones it reaches far above, as what was met a few times may
// have been missed often.
func interval(value, variance, largest float64) Estimate {
	e := Estimate{Value: value}
	if value > 0 && variance > 0 {
		e.Low = gammaQuantile(value, variance, -z95)
	} else if variance == 0 {
		e.Low = value
	}
	if largest > 0 || variance > 0 {
		e.High = gammaQuantile(value+largest, variance+largest*largest, z95)
	}
	e.Low, e.High = max(min(e.Low, value), 0), max(e.High, value)
	return e
}

// gammaQuantile is a quantile of the gamma distribution of a given mean and variance; z is that of the normal distribution. It uses
// the transformation of Wilson and Hilferty (1931), good to a percent where the mean is worth one key or more.
func gammaQuantile(mean, variance, z float64) float64 {
	shape := mean * mean / variance
	root := 1 - 1/(9*shape) + z/(3*math.Sqrt(shape))
	return mean * max(root, 0) * max(root, 0) * max(root, 0)
}
