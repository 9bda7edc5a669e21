package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/operate/alerts"
)

type alertsInput struct {
	History int `query:"history" minimum:"0" maximum:"5000" default:"200" doc:"How many ended alerts at most."`
}

type rulesInput struct {
	Body struct {
		Rules []alerts.Rule `json:"rules" nullable:"false"`
	}
}

type channelsInput struct {
	Body alerts.Channels
}

type channelInput struct {
	Channel alerts.Channel `path:"channel" enum:"desktop,email,webhook,syslog"`
}

type sentBody struct {
	Sent bool `json:"sent"`
}

func (s *Server) registerAlerts(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/alerts", "getAlerts", "Rules, what fires now, and the history of alerts"), s.getAlerts)
	huma.Register(api, operation(http.MethodPut, "/api/v1/alerts/rules", "setAlertRules", "Change the rules of alerts"), s.setAlertRules)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/alerts/rules", "resetAlertRules", "Go back to the shipped rules"), s.resetAlertRules)
	huma.Register(api, operation(http.MethodGet, "/api/v1/alerts/channels", "getAlertChannels", "Whom alerts are told to, and when not"), s.getAlertChannels)
	huma.Register(api, operation(http.MethodPut, "/api/v1/alerts/channels", "setAlertChannels", "Change whom alerts are told to"), s.setAlertChannels)
	huma.Register(api, operation(http.MethodPost, "/api/v1/alerts/channels/{channel}/test", "testAlertChannel", "Send a test message through a channel as it is saved"), s.testAlertChannel)
}

func (s *Server) getAlerts(ctx context.Context, in *alertsInput) (*output[alerts.Board], error) {
	b, err := s.alerts.Board(ctx, in.History)
	return &output[alerts.Board]{b}, err
}

func (s *Server) setAlertRules(ctx context.Context, in *rulesInput) (*output[alerts.Board], error) {
	if err := s.alerts.SetRules(ctx, in.Body.Rules); err != nil {
		return nil, err
	}
	return s.getAlerts(ctx, &alertsInput{History: shownHistory})
}

func (s *Server) resetAlertRules(ctx context.Context, _ *struct{}) (*output[alerts.Board], error) {
	if err := s.alerts.ResetRules(ctx); err != nil {
		return nil, err
	}
	return s.getAlerts(ctx, &alertsInput{History: shownHistory})
}

// shownHistory is how much of the history comes where nobody says.
const shownHistory = 200

func (s *Server) getAlertChannels(ctx context.Context, _ *struct{}) (*output[alerts.Channels], error) {
	c, err := s.alerts.Channels(ctx)
	return &output[alerts.Channels]{c}, err
}

func (s *Server) setAlertChannels(ctx context.Context, in *channelsInput) (*output[alerts.Channels], error) {
	c, err := s.alerts.SetChannels(ctx, in.Body)
	return &output[alerts.Channels]{c}, err
}

func (s *Server) testAlertChannel(ctx context.Context, in *channelInput) (*output[sentBody], error) {
	if err := s.alerts.Test(ctx, in.Channel); err != nil {
		return nil, err
	}
	return &output[sentBody]{sentBody{true}}, nil
}
