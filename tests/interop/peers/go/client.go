package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"farcall/interop/probe"
)

// oddMessage needs percent-encoding: accents, a percent sign, a line break, characters of two, three and four bytes.
const oddMessage = "100% häßlich\n✓ 𝄞 end"

// largeBytes is the encoded size of the largest message: a little under the usual limit of 4 MiB.
const largeBytes = 4*1024*1024 - 64

type client struct {
	probe   probe.ProbeClient
	absent  probe.AbsentClient
	streams probe.StreamsClient
}

type testCase struct {
	name string
	run  func(context.Context, client) error
}

var unaryCases = []testCase{
	{"echo", func(ctx context.Context, c client) error {
		return echo(ctx, c, &probe.EchoMessage{Message: oddMessage, N: -5, Payload: allBytes()})
	}},
	{"empty", func(ctx context.Context, c client) error { return echo(ctx, c, &probe.EchoMessage{}) }},
	{"metadata", metadataBothWays},
	{"status", everyStatus},
	{"details", details},
	{"deadline-client", deadlineAtClient},
	{"deadline-server", deadlineAtServer},
	{"cancel", cancel},
	{"large", func(ctx context.Context, c client) error {
		message := &probe.EchoMessage{Payload: bytes.Repeat([]byte{0xa5}, largeBytes-5)}
		if size := proto.Size(message); size != largeBytes {
			return fmt.Errorf("the message has %d bytes", size)
		}
		return echo(ctx, c, message)
	}},
	{"unimplemented-method", func(ctx context.Context, c client) error {
		_, err := c.probe.Missing(ctx, &probe.Nothing{})
		return expectCode(err, codes.Unimplemented)
	}},
	{"unimplemented-service", func(ctx context.Context, c client) error {
		_, err := c.absent.Call(ctx, &probe.Nothing{})
		return expectCode(err, codes.Unimplemented)
	}},
	{"concurrent", concurrent},
}

func allBytes() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

func expectCode(err error, code codes.Code) error {
	if got := status.Code(err); got != code {
		return fmt.Errorf("code %v instead of %v: %v", got, code, err)
	}
	return nil
}

func echo(ctx context.Context, c client, message *probe.EchoMessage) error {
	reply, err := c.probe.Echo(ctx, message)
	if err != nil {
		return err
	}
	if !proto.Equal(reply, message) {
		return errors.New("the reply is not the request")
	}
	return nil
}

func sentFields() metadata.MD {
	return metadata.MD{
		"probe-text":    {"one value, with a comma"},
		"probe-many":    {"a", "b"},
		"probe-raw-bin": {string(allBytes())},
	}
}

func metadataBothWays(ctx context.Context, c client) error {
	var headers, trailers metadata.MD
	_, err := c.probe.Echo(metadata.NewOutgoingContext(ctx, sentFields()), &probe.EchoMessage{}, grpc.Header(&headers), grpc.Trailer(&trailers))
	if err != nil {
		return err
	}
	if err := expectFields(headers, "header"); err != nil {
		return err
	}
	return expectFields(trailers, "trailer")
}

func expectFields(received metadata.MD, place string) error {
	for name, values := range sentFields() {
		// Values of one name may come joined, as RFC 9110 section 5.3 permits.
		want := strings.Join(values, ",")
		if got := strings.ReplaceAll(strings.Join(received[name], ","), ", b", ",b"); got != want {
			return fmt.Errorf("%s %s is %q", place, name, received[name])
		}
	}
	return nil
}

func everyStatus(ctx context.Context, c client) error {
	for code := codes.Code(1); code <= 16; code++ {
		_, err := c.probe.Fail(ctx, &probe.FailRequest{Code: int32(code), Message: oddMessage})
		if err := expectCode(err, code); err != nil {
			return err
		}
		if got := status.Convert(err).Message(); got != oddMessage {
			return fmt.Errorf("code %v came with the message %q", code, got)
		}
	}
	return nil
}

// failing is a status with a detail, and the request that asks for it.
func failing() (*spb.Status, *probe.FailRequest, error) {
	detail, err := anypb.New(wrapperspb.String("the detail"))
	if err != nil {
		return nil, nil, err
	}
	violation := &errdetails.BadRequest_FieldViolation{Field: "path", Description: oddMessage}
	typed, err := anypb.New(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}})
	if err != nil {
		return nil, nil, err
	}
	sent := &spb.Status{Code: int32(codes.FailedPrecondition), Message: oddMessage, Details: []*anypb.Any{detail, typed}}
	encoded, err := proto.Marshal(sent)
	return sent, &probe.FailRequest{Code: sent.Code, Message: sent.Message, Details: encoded}, err
}

func expectStatus(err error, sent *spb.Status) error {
	if err := expectCode(err, codes.Code(sent.Code)); err != nil {
		return err
	}
	if got := status.Convert(err).Proto(); !proto.Equal(got, sent) {
		return fmt.Errorf("the details came back as %v", got)
	}
	received, ok := status.Convert(err).Details()[1].(*errdetails.BadRequest)
	if !ok || received.FieldViolations[0].Field != "path" {
		return fmt.Errorf("the second detail came back as %v", status.Convert(err).Details()[1])
	}
	return nil
}

func details(ctx context.Context, c client) error {
	sent, request, err := failing()
	if err != nil {
		return err
	}
	_, err = c.probe.Fail(ctx, request)
	return expectStatus(err, sent)
}

func deadlineAtClient(ctx context.Context, c client) error {
	id := fmt.Sprintf("go-late-%d", time.Now().UnixNano())
	short, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	_, err := c.probe.Sleep(short, &probe.SleepRequest{Id: id, Ms: 20_000})
	if err := expectCode(err, codes.DeadlineExceeded); err != nil {
		return err
	}
	report, err := c.probe.LastSleep(ctx, &probe.SleepQuery{Id: id, Over: true})
	if err != nil {
		return err
	}
	if report.State != probe.SleepState_DEADLINE && report.State != probe.SleepState_CANCELLED {
		return fmt.Errorf("the handler ended as %v", report.State)
	}
	return nil
}

func deadlineAtServer(ctx context.Context, c client) error {
	long, stop := context.WithTimeout(ctx, 9*time.Second)
	defer stop()
	report, err := c.probe.Sleep(long, &probe.SleepRequest{Id: fmt.Sprintf("go-long-%d", time.Now().UnixNano())})
	if err != nil {
		return err
	}
	// Some clients round a timeout up to a coarser unit.
	if report.DeadlineMs < 5_000 || report.DeadlineMs > 9_500 {
		return fmt.Errorf("of 9000 ms the server saw %d", report.DeadlineMs)
	}
	report, err = c.probe.Sleep(context.Background(), &probe.SleepRequest{Id: fmt.Sprintf("go-none-%d", time.Now().UnixNano())})
	if err != nil {
		return err
	}
	if report.DeadlineMs != -1 {
		return fmt.Errorf("without a deadline the server saw %d ms", report.DeadlineMs)
	}
	return nil
}

func cancel(ctx context.Context, c client) error {
	id := fmt.Sprintf("go-cancel-%d", time.Now().UnixNano())
	cancellable, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := c.probe.Sleep(cancellable, &probe.SleepRequest{Id: id, Ms: 20_000})
		ended <- err
	}()
	if _, err := c.probe.LastSleep(ctx, &probe.SleepQuery{Id: id}); err != nil {
		return err
	}
	stop()
	if err := expectCode(<-ended, codes.Canceled); err != nil {
		return err
	}
	report, err := c.probe.LastSleep(ctx, &probe.SleepQuery{Id: id, Over: true})
	if err != nil {
		return err
	}
	if report.State != probe.SleepState_CANCELLED {
		return fmt.Errorf("the handler ended as %v", report.State)
	}
	return nil
}

func concurrent(ctx context.Context, c client) error {
	const count = 1000
	ended := make(chan error, count)
	for n := range count {
		go func() {
			ended <- echo(ctx, c, &probe.EchoMessage{N: int32(n), Message: fmt.Sprint(n)})
		}()
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

// credentialsOf trusts the tests' authority where TLS is asked for.
func credentialsOf() (credentials.TransportCredentials, error) {
	folder := os.Getenv(tlsVariable)
	if folder == "" {
		return insecure.NewCredentials(), nil
	}
	return credentials.NewClientTLSFromFile(folder+"/authority.crt", "")
}

// runCases prints {"case","ok","detail"} for each case named, or for every case.
func runCases(address string, names []string) {
	transport, err := credentialsOf()
	exitOn(err)
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(transport), grpc.WithStaticStreamWindowSize(windowBytes))
	exitOn(err)
	defer connection.Close()
	peer := client{probe.NewProbeClient(connection), probe.NewAbsentClient(connection), probe.NewStreamsClient(connection)}
	out := json.NewEncoder(os.Stdout)
	for _, entry := range slices.Concat(unaryCases, streamCases, endingCases) {
		if len(names) > 0 && !slices.Contains(names, entry.name) {
			continue
		}
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		err := entry.run(ctx, peer)
		stop()
		result := map[string]any{"case": entry.name, "ok": err == nil, "detail": ""}
		if err != nil {
			result["detail"] = err.Error()
		}
		_ = out.Encode(result)
	}
}
