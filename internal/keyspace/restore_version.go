package keyspace

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// VersionError is a payload that the server does not understand, as a rule because it is of a newer version.
type VersionError struct {
	Theirs, Ours string // versions of the server that made the backup, and of this one; "" where one did not tell
	Reply        string // what the server said; "" where it was not asked
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("payloads of a server %s for a server %s: %s", e.Theirs, e.Ours, e.Reply)
}

// rdbVersions are the newest payloads that Redis understands, by its version (RDB_VERSION in rdb.h). What is not here, and what calls
// itself something else than Redis, is asked.
var rdbVersions = []struct{ major, minor, rdb int }{
	{7, 4, 12}, {7, 2, 11}, {7, 0, 10}, {5, 0, 9}, {4, 0, 8}, {3, 2, 7},
}

// CheckVersion tells, before anything is sent, payloads that are too new for this server, as far as that is known.
func CheckVersion(conn *redisconn.Conn, h backup.Header, held backup.Summary) error {
	s := conn.Server()
	major, minor := versionOf(s)
	if s.Product != "redis" || major > 7 {
		return nil
	}
	for _, v := range rdbVersions {
		if major > v.major || major == v.major && minor >= v.minor {
			if held.RDBVersion > v.rdb {
				return &VersionError{Theirs: h.ServerVersion, Ours: s.Version}
			}
			return nil
		}
	}
	return nil
}

// versionOf reads the first two numbers of a version; zeros where there are none.
func versionOf(s redisconn.Server) (major, minor int) {
	parts := strings.SplitN(s.Version, ".", 3)
	if len(parts) < 2 {
		return 0, 0
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, 0
	}
	if minor, err = strconv.Atoi(parts[1]); err != nil {
		return 0, 0
	}
	return major, minor
}

// knowsNoPoint tells a server before Redis 5, whose RESTORE takes no point in time.
func knowsNoPoint(s redisconn.Server) bool {
	major, _ := versionOf(s)
	return major > 0 && major < 5 && s.Product == "redis"
}
