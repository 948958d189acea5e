// The grpc-go peer of the interop matrix: `server` serves interop.Probe on a free loopback port until its standard input
// ends; `client HOST:PORT [CASE...]` runs the cases against another server and prints one JSON line for each. With a folder
// of certificates in INTEROP_TLS both speak TLS.
package main

import (
	"fmt"
	"os"

	"google.golang.org/grpc"
)

// tlsVariable names the folder of authority.crt, server.crt and server.key.
const tlsVariable = "INTEROP_TLS"

// windowBytes is the window of every stream. One that adapts grows to megabytes, and no writer is held back by what the cases
// send.
const windowBytes = 64 * 1024

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	switch {
	case len(os.Args) >= 2 && os.Args[1] == "server":
		serve()
	case len(os.Args) >= 3 && os.Args[1] == "client":
		runCases(os.Args[2], os.Args[3:])
	case len(os.Args) == 2 && os.Args[1] == "version":
		fmt.Println(grpc.Version)
	default:
		fmt.Fprintln(os.Stderr, "usage: peer server | client HOST:PORT [CASE...] | version")
		os.Exit(2)
	}
}
