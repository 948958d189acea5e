// The cases of streams, as a gRPC C++ client runs them.
#include "streamcases.h"

#include <chrono>
#include <future>
#include <thread>

using grpc::ClientContext;
using grpc::StatusCode;

void sleep_a_while() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

void read_some(Reader& call, int first, int count, int payload_bytes) {
  interop::Part part;
  for (int n = first; n < count; n++) {
    check(call.Read(&part), "the stream ended in place of part " + std::to_string(n));
    const bool right = is_part(part, n) && part.payload().size() == static_cast<size_t>(payload_bytes);
    check(right, "part " + std::to_string(n) + " came as " + std::to_string(part.n()) + " with " +
                     std::to_string(part.payload().size()) + " bytes");
  }
}

bool send_parts(Writer& call, int count, int payload_bytes, const interop::Order& order, std::atomic<int>* accepted) {
  for (int n = 0; n < count; n++) {
    interop::Part part = part_of(n, payload_bytes);
    if (n == 0) *part.mutable_order() = order;
    if (!call.Write(part)) return false;
    ++*accepted;
  }
  return true;
}

void exchange(Chat& call, int first, int count, const interop::Order& order) {
  for (int n = first; n < count; n++) {
    interop::Part part = part_of(n, 10);
    *part.mutable_order() = order;
    check(call.Write(part), "part " + std::to_string(n) + " was not taken");
    read_some(call, n, n + 1, 10);
  }
}

void expect_end(Reader& call) {
  interop::Part part;
  check(!call.Read(&part), "a part came behind the last one");
}

void end_chat(Chat& call) {
  call.WritesDone();
  expect_end(call);
  expect(call.Finish(), StatusCode::OK);
}

void check_summary(const interop::Summary& summary, int count, int payload_bytes) {
  const bool right = summary.count() == count && summary.bytes() == count * payload_bytes && summary.wrong() == 0;
  check(right, "of " + std::to_string(count) + " parts the server saw " + summary.ShortDebugString());
}

interop::StreamReport last_stream(const Peer& peer, const std::string& id, bool over) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::SleepQuery query;
  query.set_id(id);
  query.set_over(over);
  interop::StreamReport report;
  expect(peer.streams->LastStream(&context, query, &report), StatusCode::OK);
  return report;
}

namespace {

constexpr int few_parts = 10;
constexpr int many_parts = 10'000;
// What each side sends when both do.
constexpr int flood_parts = 2000;
constexpr int part_bytes = 128 * 1024;

interop::Order order_of(int count, int payload_bytes, const std::string& id = "") {
  interop::Order order;
  order.set_id(id);
  order.set_count(count);
  order.set_payload_bytes(payload_bytes);
  return order;
}

void read_rest(grpc::ClientReader<interop::Part>& call, int first, const interop::Order& order) {
  read_some(call, first, order.count(), order.payload_bytes());
  expect_end(call);
  expect(call.Finish(), StatusCode::OK);
}

void feed(const Peer& peer, ClientContext& context, const interop::Order& order) {
  set_timeout(context, 20'000);
  read_rest(*peer.streams->Feed(&context, order), 0, order);
}

void feed(const Peer& peer, int count, int payload_bytes) {
  ClientContext context;
  feed(peer, context, order_of(count, payload_bytes));
}

void collect(const Peer& peer, ClientContext& context, int count, int payload_bytes) {
  set_timeout(context, 20'000);
  interop::Summary summary;
  std::atomic<int> accepted{0};
  const auto call = peer.streams->Collect(&context, &summary);
  check(send_parts(*call, count, payload_bytes, {}, &accepted), "the call ended early");
  call->WritesDone();
  expect(call->Finish(), StatusCode::OK);
  check_summary(summary, count, payload_bytes);
}

void collect(const Peer& peer, int count, int payload_bytes) {
  ClientContext context;
  collect(peer, context, count, payload_bytes);
}

void chat(const Peer& peer, int count, int payload_bytes, const interop::Order& order) {
  ClientContext context;
  set_timeout(context, 20'000);
  std::atomic<int> accepted{0};
  const auto call = peer.streams->Chat(&context);
  check(send_parts(*call, count, payload_bytes, order, &accepted), "the call ended early");
  call->WritesDone();
  read_some(*call, 0, count, payload_bytes);
  expect_end(*call);
  expect(call->Finish(), StatusCode::OK);
}

void ping_pong(const Peer& peer, int count) {
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Chat(&context);
  exchange(*call, 0, count, {});
  end_chat(*call);
}

void case_half_close(const Peer& peer) {
  interop::Order order;
  order.set_after_end(true);
  chat(peer, few_parts, 100, order);
}

// Both sides send as fast as they can.
void case_flood(const Peer& peer) {
  const std::string id = unique("flood");
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Chat(&context);
  auto sent = std::async(std::launch::async, [&] {
    std::atomic<int> accepted{0};
    const bool all = send_parts(*call, flood_parts, 100, order_of(flood_parts, 100, id), &accepted);
    call->WritesDone();
    return all;
  });
  read_some(*call, 0, flood_parts, 100);
  check(sent.get(), "the call ended early");
  expect_end(*call);
  expect(call->Finish(), StatusCode::OK);
  const int received = last_stream(peer, id, true).received();
  check(received == flood_parts, "the server received " + std::to_string(received));
}

void case_slow_client(const Peer& peer) {
  const std::string id = unique("slow-client");
  const interop::Order order = order_of(slow_parts, slow_bytes, id);
  ClientContext context;
  set_timeout(context, 20'000);
  const auto call = peer.streams->Feed(&context, order);
  read_some(*call, 0, 1, slow_bytes);
  sleep_a_while();
  const int sent = last_stream(peer, id, false).sent();
  check(sent <= max_held_parts, "the server had sent " + std::to_string(sent) + " parts that nobody read");
  read_rest(*call, 1, order);
}

void case_slow_server(const Peer& peer) {
  interop::Order order;
  order.set_id(unique("slow-server"));
  order.set_hold(true);
  ClientContext context, releasing;
  set_timeout(context, 20'000);
  set_timeout(releasing, 20'000);
  interop::Summary summary;
  const auto call = peer.streams->Collect(&context, &summary);
  std::atomic<int> accepted{0};
  auto sent = std::async(std::launch::async, [&] { return send_parts(*call, slow_parts, slow_bytes, order, &accepted); });
  sleep_a_while();
  const int held = accepted;
  interop::SleepQuery query;
  query.set_id(order.id());
  interop::Nothing nothing;
  expect(peer.streams->Release(&releasing, query, &nothing), StatusCode::OK);
  check(sent.get(), "the call ended early");
  call->WritesDone();
  expect(call->Finish(), StatusCode::OK);
  check_summary(summary, slow_parts, slow_bytes);
  check(held <= max_held_parts, std::to_string(held) + " parts were accepted that nobody read");
}

void case_headers_first(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  add_fields(context);
  const auto call = peer.streams->Chat(&context);
  call->WaitForInitialMetadata();
  expect_fields(context.GetServerInitialMetadata());
  exchange(*call, 0, 1, {});
  end_chat(*call);
}

void case_stream_metadata(const Peer& peer) {
  ClientContext context;
  add_fields(context);
  feed(peer, context, order_of(2, 0));
  expect_fields(context.GetServerInitialMetadata());
  expect_fields(context.GetServerTrailingMetadata());
}

interop::EchoMessage mebibyte() {
  interop::EchoMessage message;
  message.set_payload(part_of(0, 8 * part_bytes).payload());
  return message;
}

// A mebibyte by a unary call and one by a stream.
void case_gzip_requests(const Peer& peer) {
  ClientContext unary, stream;
  unary.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  stream.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  echo(peer, unary, mebibyte());
  collect(peer, stream, 8, part_bytes);
}

void case_gzip_replies(const Peer& peer) {
  ClientContext unary, stream;
  unary.AddMetadata("probe-gzip", "1");
  stream.AddMetadata("probe-gzip", "1");
  echo(peer, unary, mebibyte());
  feed(peer, stream, order_of(8, part_bytes));
}

// Runs so many of the same calls together.
void at_once(int count, const std::function<void()>& run) {
  std::vector<std::future<void>> calls;
  for (int i = 0; i < count; i++) calls.push_back(std::async(std::launch::async, run));
  for (auto& call : calls) call.get();
}

void case_streams_150(const Peer& peer) {
  interop::Order order = order_of(10, 1000);
  order.set_pause_ms(20);
  at_once(150, [&] {
    ClientContext context;
    feed(peer, context, order);
  });
}

void case_tls_unary(const Peer& peer) {
  ClientContext context;
  interop::EchoMessage message;
  message.set_message(odd_message);
  echo(peer, context, message);
}

}  // namespace

Cases stream_cases() {
  return {
      {"server-stream", [](const Peer& peer) { feed(peer, few_parts, 100); }},
      {"server-stream-empty", [](const Peer& peer) { feed(peer, 0, 0); }},
      {"client-stream", [](const Peer& peer) { collect(peer, few_parts, 100); }},
      {"client-stream-empty", [](const Peer& peer) { collect(peer, 0, 0); }},
      {"bidi", [](const Peer& peer) { chat(peer, few_parts, 100, {}); }},
      {"bidi-empty", [](const Peer& peer) { chat(peer, 0, 0, {}); }},
      {"half-close", case_half_close},
      {"ping-pong", [](const Peer& peer) { ping_pong(peer, 100); }},
      {"flood", case_flood},
      {"many-down", [](const Peer& peer) { feed(peer, many_parts, 50); }},
      {"many-up", [](const Peer& peer) { collect(peer, many_parts, 50); }},
      {"large-down", [](const Peer& peer) { feed(peer, 2, large_bytes - 7); }},
      {"large-up", [](const Peer& peer) { collect(peer, 2, large_bytes - 7); }},
      {"slow-client", case_slow_client},
      {"slow-server", case_slow_server},
      {"headers-first", case_headers_first},
      {"stream-metadata", case_stream_metadata},
      {"gzip-requests", case_gzip_requests},
      {"gzip-replies", case_gzip_replies},
      {"streams-64", [](const Peer& peer) { at_once(64, [&] { ping_pong(peer, 20); }); }},
      {"streams-150", case_streams_150},
      {"tls-unary", case_tls_unary},
      {"tls-bidi", [](const Peer& peer) { ping_pong(peer, few_parts); }},
  };
}
