package local_test

import (
	"testing"

	"go.uber.org/goleak"

	"alcove/engine/local/fake"
)

// The test binary is also the fake worker. No test may leave a goroutine.
func TestMain(m *testing.M) {
	fake.RunIfWorker()
	goleak.VerifyTestMain(m)
}
