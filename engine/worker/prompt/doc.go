// Package prompt turns messages into tokens with the model's own chat
// template (Jinja).
//
// Vocabulary: the template's own text may hold control tokens and is tokenised
// so that they count. Content is what people and documents wrote; it is
// tokenised as plain text, so that a control token typed by a person stays
// letters. To tell the two apart the template is rendered with a nonce in
// place of each content. A span is a run of tokens that one reader set may
// share.
//
// Templates come with models and are hostile: time and output are bounded, and
// what cannot be bounded ends with this process, not with the app.
package prompt
