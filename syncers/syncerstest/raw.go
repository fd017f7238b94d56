package syncerstest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Raw starts a server that answers each request with the next of the given
// texts, byte by byte (HTTP head included), and closes the connection; the last
// one is repeated. It returns the server's address for an override.
func Raw(tb testing.TB, answers ...[]byte) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			play(conn, answers[min(n, len(answers)-1)])
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}

// play reads one request and writes the answer.
func play(conn net.Conn, answer []byte) {
	defer conn.Close()
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, request.Body)
	_, _ = io.Copy(conn, bytes.NewReader(answer))
}
