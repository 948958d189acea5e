package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"farcall/interop/probe"
)

var endingCases = []testCase{
	{"error-mid-stream", errorMidStream},
	{"stream-deadline", streamDeadline},
	{"cancel-down", cancelDown},
	{"cancel-up", cancelUp},
	{"cancel-bidi", cancelBidi},
	{"early-ok", earlyOk},
	{"early-error", earlyError},
	{"drain-idle", drainIdle},
	{"drain-open", drainOpen},
	{"tls-name", func(ctx context.Context, c client) error {
		_, err := c.probe.Echo(ctx, &probe.EchoMessage{})
		return expectCode(err, codes.Unavailable)
	}},
}

func unique(name string) string {
	return fmt.Sprintf("go-%s-%d", name, time.Now().UnixNano())
}

// expectEnded waits until the server's handler has ended in one of the states.
func expectEnded(ctx context.Context, c client, id string, states ...probe.SleepState) error {
	report, err := c.streams.LastStream(ctx, &probe.SleepQuery{Id: id, Over: true})
	if err != nil {
		return err
	}
	for _, state := range states {
		if report.State == state {
			return nil
		}
	}
	return fmt.Errorf("the handler ended as %v", report.State)
}

func errorMidStream(ctx context.Context, c client) error {
	sent, request, err := failing()
	if err != nil {
		return err
	}
	call, err := c.streams.Feed(ctx, &probe.Order{Count: 5, PayloadBytes: 10, Ending: request})
	if err != nil {
		return err
	}
	if err := readSome(call.Recv, 0, 5, 10); err != nil {
		return err
	}
	_, err = call.Recv()
	return expectStatus(err, sent)
}

func streamDeadline(ctx context.Context, c client) error {
	id := unique("late")
	short, stop := context.WithTimeout(ctx, 500*time.Millisecond)
	defer stop()
	call, err := c.streams.Feed(short, &probe.Order{Id: id, Count: 3, Hold: true})
	if err != nil {
		return err
	}
	if err := readSome(call.Recv, 0, 3, 0); err != nil {
		return err
	}
	_, err = call.Recv()
	if err := expectCode(err, codes.DeadlineExceeded); err != nil {
		return err
	}
	return expectEnded(ctx, c, id, probe.SleepState_DEADLINE, probe.SleepState_CANCELLED)
}

func cancelDown(ctx context.Context, c client) error {
	id := unique("cancel-down")
	cancellable, stop := context.WithCancel(ctx)
	defer stop()
	call, err := c.streams.Feed(cancellable, &probe.Order{Id: id, Count: 3, Hold: true})
	if err != nil {
		return err
	}
	if err := readSome(call.Recv, 0, 3, 0); err != nil {
		return err
	}
	stop()
	_, err = call.Recv()
	if err := expectCode(err, codes.Canceled); err != nil {
		return err
	}
	return expectEnded(ctx, c, id, probe.SleepState_CANCELLED)
}

func cancelUp(ctx context.Context, c client) error {
	id := unique("cancel-up")
	cancellable, stop := context.WithCancel(ctx)
	defer stop()
	call, err := c.streams.Collect(cancellable)
	if err != nil {
		return err
	}
	if err := sendParts(call.Send, 3, 10, &probe.Order{Id: id, Hold: true}, &atomic.Int32{}); err != nil {
		return err
	}
	if _, err := c.streams.LastStream(ctx, &probe.SleepQuery{Id: id}); err != nil {
		return err
	}
	stop()
	if err := expectCode(call.RecvMsg(&probe.Summary{}), codes.Canceled); err != nil {
		return err
	}
	return expectEnded(ctx, c, id, probe.SleepState_CANCELLED)
}

func cancelBidi(ctx context.Context, c client) error {
	id := unique("cancel-bidi")
	cancellable, stop := context.WithCancel(ctx)
	defer stop()
	call, err := c.streams.Chat(cancellable)
	if err != nil {
		return err
	}
	if err := exchange(call, 0, 3, &probe.Order{Id: id, Hold: true}); err != nil {
		return err
	}
	stop()
	_, err = call.Recv()
	if err := expectCode(err, codes.Canceled); err != nil {
		return err
	}
	return expectEnded(ctx, c, id, probe.SleepState_CANCELLED)
}

// earlyOk is answered after three parts, while the client could still send.
func earlyOk(ctx context.Context, c client) error {
	call, err := c.streams.Collect(ctx)
	if err != nil {
		return err
	}
	if err := sendParts(call.Send, 3, 10, &probe.Order{AnswerAfter: 3}, &atomic.Int32{}); err != nil {
		return err
	}
	summary := &probe.Summary{}
	if err := expectSummary(summary, call.RecvMsg(summary), 3, 10); err != nil {
		return err
	}
	if err := call.RecvMsg(summary); !errors.Is(err, io.EOF) {
		return fmt.Errorf("behind the answer came %v", err)
	}
	return nil
}

// earlyError fails after three parts, while the client goes on sending.
func earlyError(ctx context.Context, c client) error {
	sent, request, err := failing()
	if err != nil {
		return err
	}
	call, err := c.streams.Collect(ctx)
	if err != nil {
		return err
	}
	order := &probe.Order{AnswerAfter: 3, Ending: request}
	if err := sendParts(call.Send, slowParts, slowBytes, order, &atomic.Int32{}); !errors.Is(err, io.EOF) {
		return fmt.Errorf("sending ended with %v", err)
	}
	return expectStatus(call.RecvMsg(&probe.Summary{}), sent)
}

func drain(ctx context.Context, c client) error {
	_, err := c.streams.Drain(ctx, &probe.Nothing{})
	return err
}

// served is a call that waits until there is a server.
func served(ctx context.Context, c client) error {
	_, err := c.probe.Echo(ctx, &probe.EchoMessage{}, grpc.WaitForReady(true))
	return err
}

func drainIdle(ctx context.Context, c client) error {
	if err := drain(ctx, c); err != nil {
		return err
	}
	time.Sleep(readerSleep)
	return served(ctx, c)
}

func drainOpen(ctx context.Context, c client) error {
	call, err := c.streams.Chat(ctx)
	if err != nil {
		return err
	}
	if err := exchange(call, 0, 3, nil); err != nil {
		return err
	}
	if err := drain(ctx, c); err != nil {
		return err
	}
	time.Sleep(readerSleep)
	if err := exchange(call, 3, 6, nil); err != nil {
		return err
	}
	if err := errors.Join(call.CloseSend(), expectEnd(call.Recv)); err != nil {
		return err
	}
	return served(ctx, c)
}
