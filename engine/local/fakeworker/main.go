// Command fakeworker is a worker without a model, for trying the app without
// weights. See package fake.
package main

import "alcove/engine/local/fake"

func main() { fake.Run() }
