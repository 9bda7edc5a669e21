// Package office reads DOCX, PPTX and ODT: zipped XML. Nothing in them is
// followed or run; what would be is flagged.
package office
