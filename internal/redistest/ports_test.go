package redistest

import (
	"errors"
	"testing"
)

func TestReserve(t *testing.T) {
	t.Parallel()
	mine, err := reserve(true)
	if err != nil {
		t.Fatal(err)
	}
	if mine.port+busOffset > 32767 {
		t.Errorf("the bus port of %d lies among the ephemeral ports", mine.port)
	}
	other := &reservation{}
	for _, port := range []int{mine.port, mine.port + busOffset} {
		if err := other.lock(port); err == nil {
			t.Errorf("port %d was given out twice", port)
		}
	}
	if err := errors.Join(mine.release(), mine.release()); err != nil {
		t.Errorf("release: %v", err)
	}
	if err := other.lock(mine.port); err != nil {
		t.Errorf("port %d after release: %v", mine.port, err)
	}
	if err := other.release(); err != nil {
		t.Errorf("release: %v", err)
	}
}

func TestReserveSeesListeners(t *testing.T) {
	t.Parallel()
	s := Start(t)
	if err := s.releasePorts(); err != nil { // as if a stranger's server were there
		t.Fatal(err)
	}
	r := &reservation{}
	defer func() { _ = r.release() }()
	if err := r.lock(s.Port); err == nil {
		t.Errorf("port %d was given out while a server listens on it", s.Port)
	}
}

// A port may be lost between the look at it and the server's start.
func TestLostPortIsNoticed(t *testing.T) {
	t.Parallel()
	first, second := Start(t), Start(t)
	second.Stop()
	if err := second.releasePorts(); err != nil {
		t.Fatal(err)
	}
	second.Port = first.Port
	second.set.args = append(second.set.args, "--port", mustDo(t, first.Do, "CONFIG", "GET", "port")[len("port\n"):])
	if err := second.boot(second.ready); !errors.Is(err, errPortTaken) {
		t.Errorf("got %v", err)
	}
}
