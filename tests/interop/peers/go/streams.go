package main

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"farcall/interop/probe"
)

// pattern holds every payload: that of part n begins at n % 251.
var pattern = func() []byte {
	bytes := make([]byte, 4*1024*1024+251)
	for i := range bytes {
		bytes[i] = byte(i % 251)
	}
	return bytes
}()

func partOf(n, payloadBytes int32) *probe.Part {
	return &probe.Part{N: n, Payload: pattern[n%251 : n%251+payloadBytes]}
}

// isPart tells whether a part is the one for that place.
func isPart(part *probe.Part, n int32) bool {
	return part.N == n && string(part.Payload) == string(pattern[n%251:int(n%251)+len(part.Payload)])
}

// stream is what the server knows of one streaming call.
type stream struct {
	begun, over, released chan struct{}
	mutex                 sync.Mutex
	report                probe.StreamReport
}

func (s *stream) note(change func(*probe.StreamReport)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change(&s.report)
}

type streamServer struct {
	probe.UnimplementedStreamsServer
	// drain begins to end this server and to serve anew.
	drain   func()
	mutex   sync.Mutex
	streams map[string]*stream
}

// find returns the record of a stream, also of one that has not begun. Streams without an id share nothing.
func (s *streamServer) find(id string) *stream {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := s.streams[id]
	if found == nil || id == "" {
		found = &stream{begun: make(chan struct{}), over: make(chan struct{}), released: make(chan struct{})}
		s.streams[id] = found
	}
	return found
}

func (s *streamServer) begin(order *probe.Order) *stream {
	record := s.find(order.GetId())
	record.note(func(report *probe.StreamReport) { report.State = probe.SleepState_SLEEPING })
	close(record.begun)
	return record
}

// end notes how the call ended, and gives the status that it ends with.
func (s *stream) end(ctx context.Context, order *probe.Order, failed error) error {
	state := probe.SleepState_DONE
	if ctx.Err() != nil {
		state = probe.SleepState_CANCELLED
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			state = probe.SleepState_DEADLINE
		}
		failed = status.FromContextError(ctx.Err()).Err()
	}
	s.note(func(report *probe.StreamReport) { report.State = state })
	close(s.over)
	if failed == nil && order.GetEnding() != nil {
		return asked(order.Ending)
	}
	return failed
}

func (s *stream) hold(ctx context.Context) {
	select {
	case <-s.released:
	case <-ctx.Done():
	}
}

func returnMetadata(call grpc.ServerStream) error {
	returned := returnedFields(call.Context())
	call.SetTrailer(returned)
	return call.SendHeader(returned)
}

// sendOwn sends the parts that the order asks for.
func (s *stream) sendOwn(order *probe.Order, send func(*probe.Part) error) error {
	for n := range order.Count {
		time.Sleep(time.Duration(order.PauseMs) * time.Millisecond)
		if err := send(partOf(n, order.PayloadBytes)); err != nil {
			return err
		}
		s.note(func(report *probe.StreamReport) { report.Sent++ })
	}
	return nil
}

func (s *streamServer) Feed(order *probe.Order, call grpc.ServerStreamingServer[probe.Part]) error {
	record := s.begin(order)
	err := returnMetadata(call)
	if err == nil {
		err = record.sendOwn(order, call.Send)
	}
	if err == nil && order.Hold {
		record.hold(call.Context())
	}
	return record.end(call.Context(), order, err)
}

// read takes parts until the client ends or has sent as many as the order says; the first of them has the order.
func (s *streamServer) read(recv func() (*probe.Part, error), begun func(*stream, *probe.Order), on func(*probe.Part) error) error {
	var record *stream
	var order *probe.Order
	for n := int32(0); ; n++ {
		part, err := recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			order = part.GetOrder()
			record = s.begin(order)
			begun(record, order)
		}
		record.note(func(report *probe.StreamReport) { report.Received++ })
		if err := on(part); err != nil {
			return err
		}
		if order.GetAnswerAfter() == n+1 {
			return nil
		}
	}
}

func (s *streamServer) Collect(call grpc.ClientStreamingServer[probe.Part, probe.Summary]) error {
	if err := returnMetadata(call); err != nil {
		return err
	}
	summary := &probe.Summary{}
	record, order := s.find(""), (*probe.Order)(nil)
	err := s.read(call.Recv, func(found *stream, given *probe.Order) { record, order = found, given }, func(part *probe.Part) error {
		if !isPart(part, summary.Count) {
			summary.Wrong++
		}
		summary.Count++
		summary.Bytes += int32(len(part.Payload))
		if order.GetHold() && summary.Count == 1 {
			record.hold(call.Context())
		}
		return nil
	})
	if err := record.end(call.Context(), order, err); err != nil {
		return err
	}
	return call.SendAndClose(summary)
}

func (s *streamServer) Chat(call grpc.BidiStreamingServer[probe.Part, probe.Part]) error {
	if err := returnMetadata(call); err != nil {
		return err
	}
	record, order := s.find(""), (*probe.Order)(nil)
	var own chan error
	var kept []*probe.Part
	err := s.read(call.Recv, func(found *stream, given *probe.Order) {
		record, order = found, given
		if order.GetCount() > 0 {
			own = make(chan error, 1)
			go func() { own <- record.sendOwn(order, call.Send) }()
		}
	}, func(part *probe.Part) error {
		if own != nil {
			return nil
		}
		if order.GetAfterEnd() {
			kept = append(kept, part)
			return nil
		}
		return call.Send(part)
	})
	if own != nil {
		err = errors.Join(err, <-own)
	}
	if err == nil && order.GetHold() {
		record.hold(call.Context())
	}
	for _, part := range kept {
		if err == nil {
			err = call.Send(part)
		}
	}
	return record.end(call.Context(), order, err)
}

func (s *streamServer) LastStream(ctx context.Context, query *probe.SleepQuery) (*probe.StreamReport, error) {
	record := s.find(query.Id)
	reached := record.begun
	if query.Over {
		reached = record.over
	}
	select {
	case <-reached:
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	report := &probe.StreamReport{}
	record.note(func(now *probe.StreamReport) {
		report.State, report.Sent, report.Received = now.State, now.Sent, now.Received
	})
	return report, nil
}

func (s *streamServer) Release(_ context.Context, query *probe.SleepQuery) (*probe.Nothing, error) {
	close(s.find(query.Id).released)
	return &probe.Nothing{}, nil
}

func (s *streamServer) Drain(context.Context, *probe.Nothing) (*probe.Nothing, error) {
	s.drain()
	return &probe.Nothing{}, nil
}
