package alerts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

const maxAnswer = 4 << 10 // bytes of an answer that are read

// sendWebhook posts a notice. The signature is over "TIMESTAMP.BODY", so that
// an old message cannot be sent again as a new one. Private addresses are
// fine: this box and its receivers are in one house.
func (a *Alerts) sendWebhook(ctx context.Context, j job, n Notice) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.conf.Webhook.URL, bytes.NewReader(j.message))
	if err != nil {
		return failf("The address cannot be used.")
	}
	timestamp := strconv.FormatInt(a.deps.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Alcove")
	req.Header.Set("X-Alcove-Event", n.Event)
	req.Header.Set("X-Alcove-Delivery", n.Delivery)
	req.Header.Set("X-Alcove-Timestamp", timestamp)
	if secret := j.secrets[secretWebhook]; secret != "" {
		req.Header.Set("X-Alcove-Signature", "sha256="+sign(secret, timestamp, j.message))
	}
	client := &http.Client{
		Transport: &http.Transport{
			// No proxy of the environment: what leaves goes where it was said.
			Proxy: nil, DisableKeepAlives: true, TLSClientConfig: a.tlsConfig(req.URL.Hostname()),
			MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		var u *url.Error // its text has the address, which may be a secret
		if errors.As(err, &u) {
			err = u.Err
		}
		return failure("server", err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) //nolint:errcheck // the status says all
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return failf("The server answered %d and another address, which is not followed. Write the address that it leads to.", res.StatusCode)
	}
	return failf("The server answered %d %s.", res.StatusCode, http.StatusText(res.StatusCode))
}

// sign gives the signature of a body in hex.
func sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + ".")) // never fails
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
