// Package operate watches the running box: once a second it joins what the
// sensors, the engine and the latency figures say, asks the sentinel what is
// wrong, gives the alerts their figures, and keeps the list of what needs
// attention.
//
// The packages below it do the work and know nothing of each other: sentinel
// (is the box as fast as usual), alerts (rules, notices), usage (what was asked
// and how long it took), capacity and cost (what the box can do, and for how
// much), load (asks any server), trace.
package operate
