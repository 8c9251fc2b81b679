package cli_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// matchSchema checks a document against a schema of docs/schema; schemas refer to each other by file name.
func matchSchema(path string, doc []byte) error {
	schema, err := jsonschema.NewCompiler().Compile(path)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

func schemaDir(ts *testscript.TestScript) string {
	dir, err := filepath.Abs("../../docs/schema")
	ts.Check(err)
	return dir
}

func TestSchemaSeesMistakes(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("../../docs/schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []string{`{}`, `{"schema":"olymp-cache/test/v2"}`, `[]`} {
		if matchSchema(filepath.Join(dir, "test.schema.json"), []byte(doc)) == nil {
			t.Errorf("the schema takes %s", doc)
		}
	}
}
