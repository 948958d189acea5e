package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"farcall/interop/probe"
)

const (
	fewParts  = 10
	manyParts = 10_000
	// What each side sends when both do.
	floodParts = 2000
	// What a slow reader is sent: parts of 16 KiB, of which a quarter may be on the way.
	slowParts    = 1024
	slowBytes    = 16 * 1024
	maxHeldParts = slowParts / 4
	readerSleep  = 300 * time.Millisecond
)

var streamCases = []testCase{
	{"server-stream", func(ctx context.Context, c client) error { return feed(ctx, c, fewParts, 100) }},
	{"server-stream-empty", func(ctx context.Context, c client) error { return feed(ctx, c, 0, 0) }},
	{"client-stream", func(ctx context.Context, c client) error { return collect(ctx, c, fewParts, 100) }},
	{"client-stream-empty", func(ctx context.Context, c client) error { return collect(ctx, c, 0, 0) }},
	{"bidi", func(ctx context.Context, c client) error { return chat(ctx, c, fewParts, 100, nil) }},
	{"bidi-empty", func(ctx context.Context, c client) error { return chat(ctx, c, 0, 0, nil) }},
	{"half-close", func(ctx context.Context, c client) error {
		return chat(ctx, c, fewParts, 100, &probe.Order{AfterEnd: true})
	}},
	{"ping-pong", func(ctx context.Context, c client) error { return pingPong(ctx, c, 100) }},
	{"flood", flood},
	{"many-down", func(ctx context.Context, c client) error { return feed(ctx, c, manyParts, 50) }},
	{"many-up", func(ctx context.Context, c client) error { return collect(ctx, c, manyParts, 50) }},
	{"large-down", func(ctx context.Context, c client) error { return feed(ctx, c, 2, largeBytes-7) }},
	{"large-up", func(ctx context.Context, c client) error { return collect(ctx, c, 2, largeBytes-7) }},
	{"slow-client", slowClient},
	{"slow-server", slowServer},
	{"headers-first", headersFirst},
	{"stream-metadata", streamMetadata},
	{"gzip-requests", func(ctx context.Context, c client) error { return gzipped(ctx, c, 0, grpc.UseCompressor("gzip")) }},
	{"gzip-replies", func(ctx context.Context, c client) error {
		return gzipped(metadata.AppendToOutgoingContext(ctx, "probe-gzip", "1"), c, 1)
	}},
	{"streams-64", func(ctx context.Context, c client) error {
		return atOnce(64, func() error { return pingPong(ctx, c, 20) })
	}},
	{"streams-150", func(ctx context.Context, c client) error {
		order := &probe.Order{Count: 10, PayloadBytes: 1000, PauseMs: 20}
		return atOnce(150, func() error { return feedAs(ctx, c, order) })
	}},
	{"tls-unary", func(ctx context.Context, c client) error {
		return echo(ctx, c, &probe.EchoMessage{Message: oddMessage})
	}},
	{"tls-bidi", func(ctx context.Context, c client) error { return pingPong(ctx, c, fewParts) }},
}

func expectPart(part *probe.Part, n, payloadBytes int32) error {
	if !isPart(part, n) || len(part.Payload) != int(payloadBytes) {
		return fmt.Errorf("part %d came as %d with %d bytes", n, part.N, len(part.Payload))
	}
	return nil
}

// readParts reads parts from the one at n up to count, and then the end of the stream.
func readParts(recv func() (*probe.Part, error), n, count, payloadBytes int32) error {
	if err := readSome(recv, n, count, payloadBytes); err != nil {
		return err
	}
	return expectEnd(recv)
}

func readSome(recv func() (*probe.Part, error), n, count, payloadBytes int32) error {
	for ; n < count; n++ {
		part, err := recv()
		if err != nil {
			return fmt.Errorf("in place of part %d: %w", n, err)
		}
		if err := expectPart(part, n, payloadBytes); err != nil {
			return err
		}
	}
	return nil
}

func expectEnd(recv func() (*probe.Part, error)) error {
	part, err := recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("part %d came behind the last one", part.N)
	}
	return err
}

// sendParts sends count parts, the order in the first; it counts those that were accepted.
func sendParts(send func(*probe.Part) error, count, payloadBytes int32, order *probe.Order, accepted *atomic.Int32) error {
	for n := range count {
		part := partOf(n, payloadBytes)
		if n == 0 {
			part.Order = order
		}
		if err := send(part); err != nil {
			return err
		}
		accepted.Add(1)
	}
	return nil
}

func feedAs(ctx context.Context, c client, order *probe.Order) error {
	call, err := c.streams.Feed(ctx, order)
	if err != nil {
		return err
	}
	return readParts(call.Recv, 0, order.Count, order.PayloadBytes)
}

func feed(ctx context.Context, c client, count, payloadBytes int32) error {
	return feedAs(ctx, c, &probe.Order{Count: count, PayloadBytes: payloadBytes})
}

func expectSummary(summary *probe.Summary, err error, count, payloadBytes int32) error {
	if err != nil {
		return err
	}
	if summary.Count != count || summary.Bytes != count*payloadBytes || summary.Wrong != 0 {
		return fmt.Errorf("of %d parts the server saw %v", count, summary)
	}
	return nil
}

func collect(ctx context.Context, c client, count, payloadBytes int32, options ...grpc.CallOption) error {
	call, err := c.streams.Collect(ctx, options...)
	if err != nil {
		return err
	}
	if err := sendParts(call.Send, count, payloadBytes, nil, &atomic.Int32{}); err != nil {
		return err
	}
	summary, err := call.CloseAndRecv()
	return expectSummary(summary, err, count, payloadBytes)
}

func chat(ctx context.Context, c client, count, payloadBytes int32, order *probe.Order) error {
	call, err := c.streams.Chat(ctx)
	if err != nil {
		return err
	}
	if err := sendParts(call.Send, count, payloadBytes, order, &atomic.Int32{}); err != nil {
		return err
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	return readParts(call.Recv, 0, count, payloadBytes)
}

// exchange sends the parts from n to count, each after the answer to the one before.
func exchange(call grpc.BidiStreamingClient[probe.Part, probe.Part], n, count int32, order *probe.Order) error {
	for ; n < count; n++ {
		part := partOf(n, 10)
		part.Order = order
		if err := call.Send(part); err != nil {
			return err
		}
		answer, err := call.Recv()
		if err != nil {
			return err
		}
		if err := expectPart(answer, n, 10); err != nil {
			return err
		}
	}
	return nil
}

func pingPong(ctx context.Context, c client, count int32) error {
	call, err := c.streams.Chat(ctx)
	if err != nil {
		return err
	}
	if err := exchange(call, 0, count, nil); err != nil {
		return err
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	return expectEnd(call.Recv)
}

// flood has both sides send as fast as they can.
func flood(ctx context.Context, c client) error {
	id := unique("flood")
	call, err := c.streams.Chat(ctx)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		err := sendParts(call.Send, floodParts, 100, &probe.Order{Id: id, Count: floodParts, PayloadBytes: 100}, &atomic.Int32{})
		sent <- errors.Join(err, call.CloseSend())
	}()
	if err := errors.Join(readParts(call.Recv, 0, floodParts, 100), <-sent); err != nil {
		return err
	}
	report, err := c.streams.LastStream(ctx, &probe.SleepQuery{Id: id, Over: true})
	if err == nil && report.Received != floodParts {
		err = fmt.Errorf("of %d parts the server received %d", floodParts, report.Received)
	}
	return err
}

func slowClient(ctx context.Context, c client) error {
	id := unique("slow-client")
	call, err := c.streams.Feed(ctx, &probe.Order{Id: id, Count: slowParts, PayloadBytes: slowBytes})
	if err != nil {
		return err
	}
	first, err := call.Recv()
	if err != nil {
		return err
	}
	time.Sleep(readerSleep)
	report, err := c.streams.LastStream(ctx, &probe.SleepQuery{Id: id})
	if err != nil {
		return err
	}
	if report.Sent > maxHeldParts {
		return fmt.Errorf("the server had sent %d parts that nobody read", report.Sent)
	}
	if err := expectPart(first, 0, slowBytes); err != nil {
		return err
	}
	return readParts(call.Recv, 1, slowParts, slowBytes)
}

func slowServer(ctx context.Context, c client) error {
	id := unique("slow-server")
	call, err := c.streams.Collect(ctx)
	if err != nil {
		return err
	}
	var accepted atomic.Int32
	sent := make(chan error, 1)
	go func() {
		sent <- sendParts(call.Send, slowParts, slowBytes, &probe.Order{Id: id, Hold: true}, &accepted)
	}()
	time.Sleep(readerSleep)
	held := accepted.Load()
	if _, err := c.streams.Release(ctx, &probe.SleepQuery{Id: id}); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	if held > maxHeldParts {
		return fmt.Errorf("%d parts were accepted that nobody read", held)
	}
	summary, err := call.CloseAndRecv()
	return expectSummary(summary, err, slowParts, slowBytes)
}

func headersFirst(ctx context.Context, c client) error {
	call, err := c.streams.Chat(metadata.NewOutgoingContext(ctx, sentFields()))
	if err != nil {
		return err
	}
	headers, err := call.Header()
	if err != nil {
		return err
	}
	if err := expectFields(headers, "header"); err != nil {
		return err
	}
	if err := exchange(call, 0, 1, nil); err != nil {
		return err
	}
	return errors.Join(call.CloseSend(), expectEnd(call.Recv))
}

func streamMetadata(ctx context.Context, c client) error {
	call, err := c.streams.Feed(metadata.NewOutgoingContext(ctx, sentFields()), &probe.Order{Count: 2})
	if err != nil {
		return err
	}
	if err := readParts(call.Recv, 0, 2, 0); err != nil {
		return err
	}
	headers, err := call.Header()
	if err != nil {
		return err
	}
	return errors.Join(expectFields(headers, "header"), expectFields(call.Trailer(), "trailer"))
}

// gzipped sends a mebibyte by a unary call and one by a stream; or has the server send them.
func gzipped(ctx context.Context, c client, down int32, options ...grpc.CallOption) error {
	const count, partBytes = 8, 128 * 1024
	message := &probe.EchoMessage{Payload: pattern[:count*partBytes]}
	reply, err := c.probe.Echo(ctx, message, options...)
	if err != nil {
		return err
	}
	if string(reply.Payload) != string(message.Payload) {
		return errors.New("the reply is not the request")
	}
	if down == 0 {
		return collect(ctx, c, count, partBytes, options...)
	}
	return feed(ctx, c, count, partBytes)
}

// atOnce runs count of the same calls together.
func atOnce(count int, run func() error) error {
	ended := make(chan error, count)
	for range count {
		go func() { ended <- run() }()
	}
	var failures []error
	for range count {
		if err := <-ended; err != nil {
			failures = append(failures, err)
		}
	}
	if len(failures) > 0 {
		return fmt.Errorf("%d of %d failed: %w", len(failures), count, failures[0])
	}
	return nil
}
