package cli_test

import (
	"context"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// makeBackup: backup NAME FILE keeps all keys of a server.
func makeBackup(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(backUp(context.Background(), ts.Getenv(args[0]+"_URL"), ts.MkAbs(args[1])))
}

// backUp keeps all keys of a server in a file, as if it had been done an hour ago.
func backUp(ctx context.Context, url, path string) error {
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		return err
	}
	conn, err := redisconn.Open(ctx, cfg.Target, redisconn.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = keyspace.Backup(ctx, conn, keyspace.BackupOptions{Path: path, Header: backup.Header{
		ToolVersion: "test", Target: cfg.Target.URL, DB: cfg.Target.DB, CreatedMS: time.Now().Add(-time.Hour).UnixMilli(),
	}})
	return err
}
