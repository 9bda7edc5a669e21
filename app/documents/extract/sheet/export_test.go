package sheet

// LimitCells sets how many cells of a sheet are read, and gives how to undo it.
func LimitCells(n int) (undo func()) {
	before := mostCells
	mostCells = n
	return func() { mostCells = before }
}
