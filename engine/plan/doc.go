// Package plan decides, before anything is loaded, how a model would run on a
// machine: which backend, how many layers on each device, how long a context,
// how many KV cells and of which type, how many threads. It is pure: the same
// facts give the same plan, and it reads no file and asks no driver.
//
// Make goes through a list of choices in a fixed order of preference, which
// does not depend on memory, and takes the first one that fits. More memory
// only makes more choices fit, so it never gives a worse plan. Every choice
// passed over on the way that a person would ask about is in Plan.Rejected with
// the numbers that rule it out.
//
// The order: whole on GPUs, partly on GPUs (three quarters of the layers, half,
// a quarter, any), CPU. Inside each: the asked context before a shorter one,
// room for all users before less, f16 before q8_0, few GPUs before many. A
// context that was asked for by number is never shortened.
package plan
