package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (s *shell) costCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "cost", Short: "Say what the recorded traffic costs here, on cloud GPUs and at managed services", Args: cobra.NoArgs,
		Long: "Say what the recorded traffic costs on this box, on cloud GPUs and at managed services, by the price sheet (page Monitor, Cost; or PUT /api/v1/prices).\nShipped prices are dated examples.",
		RunE: s.withServer(s.cost),
	}
	cmd.Flags().Int("days", 30, "how far back")
	cmd.Flags().Bool("json", false, "print everything as JSON")
	return cmd
}

// costShown is the comparison as the server shows it. Money is exact text.
type costShown struct {
	Currency string `json:"currency"`
	Sentence string `json:"sentence"`
	Rows     []struct {
		Name        string       `json:"name"`
		Example     bool         `json:"example"`
		AsOf        string       `json:"as_of"`
		PerHour     *json.Number `json:"per_hour"`
		PerMonth    *json.Number `json:"per_month"`
		PerThousand *json.Number `json:"per_thousand"`
		Note        string       `json:"note"`
	} `json:"rows"`
	Latency struct {
		Sentence string `json:"sentence"`
	} `json:"latency"`
}

func (s *shell) cost(cmd *cobra.Command, _ []string, c *client) error {
	days, _ := cmd.Flags().GetInt("days") // declared above
	var raw json.RawMessage
	if err := c.call(cmd.Context(), "GET", fmt.Sprintf("/api/v1/cost?days=%d", days), nil, &raw); err != nil {
		return err
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		fmt.Fprintln(s.stdout, string(raw))
		return nil
	}
	var v costShown
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read the costs: %w", err)
	}
	fmt.Fprintf(s.stdout, "%s\n%s\n\n", v.Sentence, v.Latency.Sentence)
	t := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "WHAT\t%[1]s/HOUR\t%[1]s/MONTH\t%[1]s/1000 ANSWERS\tPRICE\tNOTE\n", v.Currency)
	for _, r := range v.Rows {
		price := "yours"
		switch {
		case r.Example && r.AsOf == "":
			price = "assumed: edit the price sheet"
		case r.Example:
			price = "example, as of " + r.AsOf
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, short2(r.PerHour), short2(r.PerMonth), short2(r.PerThousand), price, r.Note)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	fmt.Fprintln(s.stdout, "\nExample prices are dated and public list prices: check your contract.")
	return nil
}

// short2 is an amount with two decimals, or four where it is small; - where
// there is none.
func short2(n *json.Number) string {
	if n == nil {
		return "-"
	}
	v, err := n.Float64()
	switch {
	case err != nil:
		return n.String()
	case v != 0 && v < 1:
		return fmt.Sprintf("%.4f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
