package cli

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// A signal that comes while the server begins the work, before its answer has
// come back, ends the work too: it used to end the command alone.
func TestInterruptWhileItBegins(t *testing.T) {
	s := &shell{}
	for name, begin := range map[string]struct {
		cmd *cobra.Command
		run func(*cobra.Command, *client) error
	}{
		"check":    {s.checkCommand(), func(cmd *cobra.Command, c *client) error { return s.check(cmd, []string{"m"}, c) }},
		"capacity": {s.capacityCommand(), s.measure},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(context.Background())
			var methods []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				methods = append(methods, r.Method)
				if r.Method == http.MethodPost {
					interrupt()
				}
				w.Write([]byte(`{"running": {"model": "m"}}`))
			}))
			defer server.Close()
			begin.cmd.SetContext(ctx)
			err := begin.run(begin.cmd, newClient(server.URL, ""))
			if !errors.Is(err, errInterrupted) {
				t.Errorf("the command ended with %v", err)
			}
			if len(methods) < 2 || methods[0] != http.MethodPost || !slices.Contains(methods, http.MethodDelete) {
				t.Errorf("the server was asked %v", methods)
			}
		})
	}
}
