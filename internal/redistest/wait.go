package redistest

import (
	"fmt"
	"time"
)

const (
	// bootWait is how long a server may take to answer, a replica to sync, a cluster to agree.
	bootWait = 10 * time.Second * slowdown
	// replyWait is how long one admin command may take.
	replyWait = 5 * time.Second * slowdown
	// stopWait is how long a server may take to end by itself before it is killed.
	stopWait = 3 * time.Second * slowdown
	// pollEvery is the pause between two looks at a condition.
	pollEvery = 20 * time.Millisecond
)

// poll looks until look returns nil. After limit it gives up and says what it waited for and what it saw last.
func poll(limit time.Duration, what string, look func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := look()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s for %s: %w", limit, what, err)
		}
		time.Sleep(pollEvery)
	}
}
