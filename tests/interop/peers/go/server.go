package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"farcall/interop/probe"
)

// sleep is what the server knows of one Sleep call.
type sleep struct {
	begun, over chan struct{}
	report      *probe.SleepReport
}

type probeServer struct {
	probe.UnimplementedProbeServer
	mutex  sync.Mutex
	sleeps map[string]*sleep
}

// find returns the record of a sleep, also of one that has not begun.
func (s *probeServer) find(id string) *sleep {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := s.sleeps[id]
	if found == nil {
		found = &sleep{begun: make(chan struct{}), over: make(chan struct{}), report: &probe.SleepReport{}}
		s.sleeps[id] = found
	}
	return found
}

// returnedFields is the metadata that comes back to the caller. Replies are compressed where it asks for that.
func returnedFields(ctx context.Context) metadata.MD {
	received, _ := metadata.FromIncomingContext(ctx)
	if len(received["probe-gzip"]) > 0 {
		_ = grpc.SetSendCompressor(ctx, gzip.Name)
	}
	returned := metadata.MD{}
	for name, values := range received {
		if strings.HasPrefix(name, "probe-") {
			returned[name] = values
		}
	}
	return returned
}

func (s *probeServer) Echo(ctx context.Context, request *probe.EchoMessage) (*probe.EchoMessage, error) {
	returned := returnedFields(ctx)
	if err := grpc.SetHeader(ctx, returned); err != nil {
		return nil, err
	}
	if err := grpc.SetTrailer(ctx, returned); err != nil {
		return nil, err
	}
	return request, nil
}

// asked is the failure that a request asks for.
func asked(request *probe.FailRequest) error {
	if len(request.Details) == 0 {
		return status.Error(codes.Code(request.Code), request.Message)
	}
	full := &spb.Status{}
	if err := proto.Unmarshal(request.Details, full); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return richError(full)
}

// richError makes an error as a service of grpc-go would, with details added one by one; a detail of a type that this
// program does not know goes as it came.
func richError(full *spb.Status) error {
	made := status.New(codes.Code(full.Code), full.Message)
	for _, packed := range full.Details {
		detail, err := packed.UnmarshalNew()
		if err != nil {
			return status.FromProto(full).Err()
		}
		if made, err = made.WithDetails(protoadapt.MessageV1Of(detail)); err != nil {
			return status.Error(codes.Internal, err.Error())
		}
	}
	return made.Err()
}

func (s *probeServer) Fail(_ context.Context, request *probe.FailRequest) (*probe.Nothing, error) {
	return nil, asked(request)
}

func (s *probeServer) Sleep(ctx context.Context, request *probe.SleepRequest) (*probe.SleepReport, error) {
	left := int64(-1)
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline).Milliseconds()
	}
	record := s.find(request.Id)
	record.report = &probe.SleepReport{State: probe.SleepState_SLEEPING, DeadlineMs: left}
	close(record.begun)
	ended := probe.SleepState_DONE
	select {
	case <-time.After(time.Duration(request.Ms) * time.Millisecond):
	case <-ctx.Done():
		ended = probe.SleepState_CANCELLED
		if ctx.Err() == context.DeadlineExceeded {
			ended = probe.SleepState_DEADLINE
		}
	}
	record.report = &probe.SleepReport{State: ended, DeadlineMs: left}
	close(record.over)
	// An interrupted sleep is no success: its client may not have noticed its own deadline yet.
	if err := ctx.Err(); err != nil && ended != probe.SleepState_DONE {
		return nil, status.FromContextError(err).Err()
	}
	return record.report, nil
}

func (s *probeServer) LastSleep(ctx context.Context, query *probe.SleepQuery) (*probe.SleepReport, error) {
	record := s.find(query.Id)
	reached := record.begun
	if query.Over {
		reached = record.over
	}
	select {
	case <-reached:
		return record.report, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

// The limit that a server sets to the streams of one connection.
const maxConcurrentStreams = 100

// newServer makes a server of both services.
func newServer(options ...grpc.ServerOption) *grpc.Server {
	options = append(options, grpc.MaxConcurrentStreams(maxConcurrentStreams), grpc.StaticStreamWindowSize(windowBytes))
	server := grpc.NewServer(options...)
	probe.RegisterProbeServer(server, &probeServer{sleeps: map[string]*sleep{}})
	drain := func() { go server.GracefulStop() }
	probe.RegisterStreamsServer(server, &streamServer{drain: drain, streams: map[string]*stream{}})
	return server
}

// serve runs until standard input ends or the process is told to stop.
func serve() {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	exitOn(err)
	var options []grpc.ServerOption
	if folder := os.Getenv(tlsVariable); folder != "" {
		identity, err := credentials.NewServerTLSFromFile(folder+"/server.crt", folder+"/server.key")
		exitOn(err)
		options = append(options, grpc.Creds(identity))
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	address := socket.Addr().String()
	fmt.Printf("LISTENING %d\n", socket.Addr().(*net.TCPAddr).Port)
	for {
		server := newServer(options...)
		// Returns when it was drained and the last call is over.
		exitOn(server.Serve(socket))
		socket, err = net.Listen("tcp", address)
		exitOn(err)
	}
}
