package redisconn

import (
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// TestKeyPrefix starts the throw-away keys of `test` and `doctor`; nothing of the user's is ever named so.
	TestKeyPrefix = "olymp-cache:test:"
	// TestKeyTTL is how long such a key would live if we were killed before deleting it.
	TestKeyTTL = 60 * time.Second
)

// MayHaveRun tells whether a command that failed may have been carried out: not if the server said no, nor if there was
// no connection to send it over.
func MayHaveRun(err error) bool {
	var reply redis.Error
	if errors.As(err, &reply) {
		return false
	}
	if e, ok := AsError(err); ok {
		switch e.Step {
		case StepDNS, StepTCP, StepTLS:
			return false
		default:
		}
	}
	return true
}
