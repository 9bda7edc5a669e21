package local

import (
	"alcove/engine"
	"alcove/engine/models"
)

// factsOf is what a model's file says of itself.
func factsOf(m models.Info) engine.Facts {
	experts := m.Shape != nil && keys(m.Shape.Numbers).at("expert_used_count", 0, 0) > 0
	return engine.Facts{Architecture: m.Architecture, Quant: m.Quant, License: m.License, Languages: m.Languages,
		Chat: m.Chat, Embeddings: m.Embeddings, Reranker: m.Reranker, Adapters: m.Adapters, Experts: experts}
}
