// Package fake is a worker without a model, and the folders it needs, for
// tests: it speaks engine/wire like alcove-worker and has faults to order.
//
// Vocabulary: a Script stands beside a model file and says what the worker
// answers and which Fault its first, second, ... process has. A step is one
// turn of the loop; each active request gets one token in it.
//
// Tests run it from their own binary: TestMain calls RunIfWorker first, and
// the engine gets os.Executable as its worker.
package fake
