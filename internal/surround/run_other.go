//go:build !unix

package surround

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup ends the child alone: process groups are a thing of Unix.
func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
