// Package load asks any server that speaks OpenAI's chat completions, as its
// clients would, and says what they saw: first token, gaps, speed, failures.
// It knows nothing of Alcove: the same program measures Alcove, llama-server,
// vLLM, Ollama or a managed service. It uses the standard library alone.
package load
