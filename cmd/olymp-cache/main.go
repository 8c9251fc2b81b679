// Command olymp-cache tells the operators of a Redis cache how it is and what to type next.
package main

import (
	"os"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
)

func main() { os.Exit(cli.Main()) }
