// Package trace tells an OpenTelemetry collector how answers went, where the
// administrator named one. It is off otherwise: then there is no Tracer, no
// goroutine and no wrapper.
//
// A span holds figures and fixed words: times, tokens, the names of models and
// devices, routes as patterns, error codes. Nothing that a person wrote and no
// name of a person is in it, nor is the state that callers send with a trace.
//
// The SDK's batch processor has the queue. The exporter is our own: OpenTelemetry's
// brings gRPC along and obeys OTEL_EXPORTER_OTLP_* variables, and nothing may
// leave this machine because a variable happens to be set.
package trace
