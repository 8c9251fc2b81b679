package snapshot

import "fmt"

// LatencyEvent is one line of LATENCY LATEST. There are none unless latency-monitor-threshold is set (0 by default).
type LatencyEvent struct {
	Name   string `json:"name"`
	Time   int64  `json:"time"` // of the latest spike, Unix time, s
	Latest Millis `json:"latest_ms"`
	Max    Millis `json:"max_ms"`
}

// ParseLatency reads LATENCY LATEST; fields that newer versions add at the end are not looked at.
func ParseLatency(reply any) ([]LatencyEvent, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("latency events: %w", errShape)
	}
	events := make([]LatencyEvent, 0, len(list))
	for _, element := range list {
		fields, ok := element.([]any)
		if !ok || len(fields) < 4 {
			return nil, fmt.Errorf("latency events: %w", errShape)
		}
		name, ok1 := textOf(fields[0])
		at, ok2 := intOf(fields[1])
		latest, ok3 := intOf(fields[2])
		most, ok4 := intOf(fields[3])
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return nil, fmt.Errorf("latency events: %w", errShape)
		}
		events = append(events, LatencyEvent{Name: word(name), Time: at, Latest: millis(latest), Max: millis(most)})
	}
	return events, nil
}

// PingTimes is the distribution of round trips of PING, to three significant digits.
type PingTimes struct {
	Rounds int64  `json:"rounds"`
	P50    Millis `json:"p50_ms"`
	P90    Millis `json:"p90_ms"`
	P99    Millis `json:"p99_ms"`
	Max    Millis `json:"max_ms"`
}
