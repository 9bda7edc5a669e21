// Package pdf reads PDF with PDFium, compiled to WebAssembly. PDFium gives
// characters with their places; the rest is decided here, by pure functions:
//
//	page.go     a page's characters become words with place, size, colour; its drawings become rules and fills
//	hidden.go   which words nobody sees
//	lines.go    words become lines of segments; columns are put in reading order
//	furniture.go  running headers, footers and page numbers are dropped
//	table.go    aligned segments become rows and cells
//	blocks.go   lines become headings, items and paragraphs
//
// Coordinates are those of the page as it is seen: points of 1/72 inch, x to
// the right, y down from the top.
package pdf
