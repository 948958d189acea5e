// The cases of how streams and connections end, as a gRPC C++ client runs them.
#include "streamcases.h"

using grpc::ClientContext;
using grpc::StatusCode;

namespace {

// Waits until the server's handler has ended; it must be in one of the states.
void expect_ended(const Peer& peer, const std::string& id, std::initializer_list<interop::SleepState> states) {
  const auto ended = last_stream(peer, id, true).state();
  for (const auto state : states) {
    if (state == ended) return;
  }
  check(false, "the handler ended as " + std::to_string(ended));
}

interop::Order order_with_id(const std::string& id) {
  interop::Order order;
  order.set_id(id);
  return order;
}

void case_error_mid_stream(const Peer& peer) {
  interop::Order order;
  order.set_count(5);
  order.set_payload_bytes(10);
  *order.mutable_ending() = failing();
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Feed(&context, order);
  read_some(*call, 0, 5, 10);
  expect_end(*call);
  expect_failing(call->Finish());
}

// A stream that holds after three parts.
std::unique_ptr<grpc::ClientReader<interop::Part>> hold(const Peer& peer, ClientContext& context, const std::string& id) {
  interop::Order order = order_with_id(id);
  order.set_count(3);
  order.set_hold(true);
  auto call = peer.streams->Feed(&context, order);
  read_some(*call, 0, 3, 0);
  return call;
}

void case_stream_deadline(const Peer& peer) {
  const std::string id = unique("late");
  ClientContext context;
  set_timeout(context, 500);
  const auto call = hold(peer, context, id);
  expect_end(*call);
  expect(call->Finish(), StatusCode::DEADLINE_EXCEEDED);
  expect_ended(peer, id, {interop::DEADLINE, interop::CANCELLED});
}

void case_cancel_down(const Peer& peer) {
  const std::string id = unique("cancel-down");
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = hold(peer, context, id);
  context.TryCancel();
  expect(call->Finish(), StatusCode::CANCELLED);
  expect_ended(peer, id, {interop::CANCELLED});
}

void case_cancel_up(const Peer& peer) {
  const std::string id = unique("cancel-up");
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Summary summary;
  const auto call = peer.streams->Collect(&context, &summary);
  std::atomic<int> accepted{0};
  interop::Order order = order_with_id(id);
  order.set_hold(true);
  check(send_parts(*call, 3, 10, order, &accepted), "the call ended early");
  last_stream(peer, id, false);
  context.TryCancel();
  expect(call->Finish(), StatusCode::CANCELLED);
  expect_ended(peer, id, {interop::CANCELLED});
}

void case_cancel_bidi(const Peer& peer) {
  const std::string id = unique("cancel-bidi");
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Chat(&context);
  interop::Order order = order_with_id(id);
  order.set_hold(true);
  exchange(*call, 0, 3, order);
  context.TryCancel();
  expect(call->Finish(), StatusCode::CANCELLED);
  expect_ended(peer, id, {interop::CANCELLED});
}

// Answered after three parts, while the client could still send.
void case_early_ok(const Peer& peer) {
  interop::Order order;
  order.set_answer_after(3);
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Summary summary;
  const auto call = peer.streams->Collect(&context, &summary);
  std::atomic<int> accepted{0};
  check(send_parts(*call, 3, 10, order, &accepted), "the call ended early");
  expect(call->Finish(), StatusCode::OK);
  check_summary(summary, 3, 10);
}

// Fails after three parts, while the client goes on sending.
void case_early_error(const Peer& peer) {
  interop::Order order;
  order.set_answer_after(3);
  *order.mutable_ending() = failing();
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Summary summary;
  const auto call = peer.streams->Collect(&context, &summary);
  std::atomic<int> accepted{0};
  check(!send_parts(*call, slow_parts, slow_bytes, order, &accepted), "all parts were sent");
  expect_failing(call->Finish());
}

void drain(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Nothing nothing;
  expect(peer.streams->Drain(&context, {}, &nothing), StatusCode::OK);
}

// A call that waits until there is a server.
void served(const Peer& peer) {
  ClientContext context;
  context.set_wait_for_ready(true);
  echo(peer, context, {});
}

void case_drain_idle(const Peer& peer) {
  drain(peer);
  sleep_a_while();
  served(peer);
}

void case_drain_open(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Chat(&context);
  exchange(*call, 0, 3, {});
  drain(peer);
  sleep_a_while();
  exchange(*call, 3, 6, {});
  end_chat(*call);
  served(peer);
}

void case_tls_name(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::EchoMessage reply;
  expect(peer.probe->Echo(&context, {}, &reply), StatusCode::UNAVAILABLE);
}

}  // namespace

Cases ending_cases() {
  return {
      {"error-mid-stream", case_error_mid_stream},
      {"stream-deadline", case_stream_deadline},
      {"cancel-down", case_cancel_down},
      {"cancel-up", case_cancel_up},
      {"cancel-bidi", case_cancel_bidi},
      {"early-ok", case_early_ok},
      {"early-error", case_early_error},
      {"drain-idle", case_drain_idle},
      {"drain-open", case_drain_open},
      {"tls-name", case_tls_name},
  };
}
