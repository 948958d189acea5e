// The client half of the gRPC C++ peer: its unary cases, and all cases run by name.
#include "client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <stdexcept>

#include "probe.h"

using grpc::ClientContext;
using grpc::Status;
using grpc::StatusCode;

// The peer answered, but not as the case demands.
using Wrong = std::runtime_error;

namespace {

std::string all_bytes() {
  std::string all;
  for (int i = 0; i < 256; i++) all.push_back(static_cast<char>(i));
  return all;
}

// All values of one name; joined, because RFC 9110 section 5.3 permits a peer to join them.
std::string joined(const std::multimap<grpc::string_ref, grpc::string_ref>& fields, const std::string& name) {
  std::string all;
  const auto range = fields.equal_range(name);
  for (auto field = range.first; field != range.second; field++) {
    if (field != range.first) all += ",";
    all.append(field->second.data(), field->second.size());
  }
  return all;
}

}  // namespace

void check(bool holds, const std::string& text) {
  if (!holds) throw Wrong(text);
}

void expect(const Status& status, StatusCode code) {
  check(status.error_code() == code, "code " + std::to_string(status.error_code()) + " instead of " +
                                         std::to_string(code) + ": " + status.error_message());
}

std::string unique(const std::string& name) {
  return "cpp-" + name + "-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
}

void set_timeout(ClientContext& context, int ms) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(ms));
}

void add_fields(ClientContext& context) {
  context.AddMetadata("probe-text", "one value, with a comma");
  context.AddMetadata("probe-many", "a");
  context.AddMetadata("probe-many", "b");
  context.AddMetadata("probe-raw-bin", all_bytes());
}

void expect_fields(const Fields& fields) {
  check(joined(fields, "probe-text") == "one value, with a comma", "probe-text: " + joined(fields, "probe-text"));
  const std::string many = joined(fields, "probe-many");
  check(many == "a,b" || many == "a, b", "probe-many: " + many);
  check(joined(fields, "probe-raw-bin") == all_bytes(), "probe-raw-bin differs");
}

interop::FailRequest failing() {
  // google.rpc.Status by hand (code 9, message, one Any): its generated form is not among Debian's packages.
  const std::string inner = std::string("\x0a\x2f") + "type.googleapis.com/google.protobuf.StringValue" + "\x12\x0c\x0a\x0a" + "the detail";
  const std::string details = std::string("\x08\x09\x12") + static_cast<char>(odd_message.size()) + odd_message +
                              "\x1a" + static_cast<char>(inner.size()) + inner;
  interop::FailRequest request;
  request.set_code(StatusCode::FAILED_PRECONDITION);
  request.set_message(odd_message);
  request.set_details(details);
  return request;
}

void expect_failing(const Status& status) {
  expect(status, StatusCode::FAILED_PRECONDITION);
  check(status.error_message() == odd_message, "the message came as " + status.error_message());
  check(status.error_details() == failing().details(), "the details came back changed");
}

void echo(const Peer& peer, ClientContext& context, const interop::EchoMessage& message) {
  set_timeout(context, 20'000);
  interop::EchoMessage reply;
  expect(peer.probe->Echo(&context, message, &reply), StatusCode::OK);
  check(reply.SerializeAsString() == message.SerializeAsString(), "the reply is not the request");
}

namespace {

void case_echo(const Peer& peer) {
  interop::EchoMessage message;
  message.set_message(odd_message);
  message.set_n(-5);
  message.set_payload(all_bytes());
  ClientContext context;
  echo(peer, context, message);
}

void case_empty(const Peer& peer) {
  ClientContext context;
  echo(peer, context, {});
}

void case_metadata(const Peer& peer) {
  ClientContext context;
  add_fields(context);
  echo(peer, context, {});
  expect_fields(context.GetServerInitialMetadata());
  expect_fields(context.GetServerTrailingMetadata());
}

Status fail(const Peer& peer, const interop::FailRequest& request) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Nothing reply;
  return peer.probe->Fail(&context, request, &reply);
}

void case_status(const Peer& peer) {
  for (int code = 1; code <= 16; code++) {
    interop::FailRequest request;
    request.set_code(code);
    request.set_message(odd_message);
    const Status status = fail(peer, request);
    expect(status, static_cast<StatusCode>(code));
    check(status.error_message() == odd_message, "the message came as " + status.error_message());
  }
}

void case_details(const Peer& peer) { expect_failing(fail(peer, failing())); }

interop::SleepReport last_sleep(const Peer& peer, const std::string& id, bool over) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::SleepQuery query;
  query.set_id(id);
  query.set_over(over);
  interop::SleepReport report;
  expect(peer.probe->LastSleep(&context, query, &report), StatusCode::OK);
  return report;
}

Status sleep(const Peer& peer, ClientContext& context, const std::string& id, int ms, interop::SleepReport* report) {
  interop::SleepRequest request;
  request.set_id(id);
  request.set_ms(ms);
  return peer.probe->Sleep(&context, request, report);
}

void case_deadline_client(const Peer& peer) {
  const std::string id = unique("late");
  ClientContext context;
  set_timeout(context, 200);
  interop::SleepReport report;
  expect(sleep(peer, context, id, 20'000, &report), StatusCode::DEADLINE_EXCEEDED);
  const auto state = last_sleep(peer, id, true).state();
  check(state == interop::DEADLINE || state == interop::CANCELLED, "the handler ended as " + std::to_string(state));
}

void case_deadline_server(const Peer& peer) {
  ClientContext with, without;
  interop::SleepReport report;
  set_timeout(with, 9'000);
  expect(sleep(peer, with, unique("long"), 0, &report), StatusCode::OK);
  // Some clients round a timeout up to a coarser unit.
  const auto seen = report.deadline_ms();
  check(seen >= 5'000 && seen <= 9'500, "of 9000 ms the server saw " + std::to_string(seen));
  expect(sleep(peer, without, unique("none"), 0, &report), StatusCode::OK);
  check(report.deadline_ms() == -1, "without a deadline the server saw " + std::to_string(report.deadline_ms()));
}

void case_cancel(const Peer& peer) {
  const std::string id = unique("cancel");
  ClientContext context;
  auto ended = std::async(std::launch::async, [&] {
    interop::SleepReport report;
    return sleep(peer, context, id, 20'000, &report);
  });
  last_sleep(peer, id, false);
  context.TryCancel();
  expect(ended.get(), StatusCode::CANCELLED);
  const auto state = last_sleep(peer, id, true).state();
  check(state == interop::CANCELLED, "the handler ended as " + std::to_string(state));
}

void case_large(const Peer& peer) {
  interop::EchoMessage message;
  message.set_payload(std::string(large_bytes - 5, '\xa5'));
  check(message.ByteSizeLong() == large_bytes, "the message has " + std::to_string(message.ByteSizeLong()) + " bytes");
  ClientContext context;
  echo(peer, context, message);
}

void case_unimplemented_method(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Nothing reply;
  expect(peer.probe->Missing(&context, {}, &reply), StatusCode::UNIMPLEMENTED);
}

void case_unimplemented_service(const Peer& peer) {
  ClientContext context;
  set_timeout(context, 20'000);
  interop::Nothing reply;
  expect(peer.absent->Call(&context, {}, &reply), StatusCode::UNIMPLEMENTED);
}

void case_concurrent(const Peer& peer) {
  struct Call {
    ClientContext context;
    interop::EchoMessage request, reply;
    Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<interop::EchoMessage>> reader;
  };
  std::vector<Call> calls(1000);
  grpc::CompletionQueue queue;
  for (size_t i = 0; i < calls.size(); i++) {
    Call& call = calls[i];
    set_timeout(call.context, 20'000);
    call.request.set_n(static_cast<int>(i));
    call.request.set_message(std::to_string(i));
    call.reader = peer.probe->AsyncEcho(&call.context, call.request, &queue);
    call.reader->Finish(&call.reply, &call.status, &call);
  }
  void* tag;
  bool fine;
  for (size_t i = 0; i < calls.size(); i++) check(queue.Next(&tag, &fine) && fine, "a call was lost");
  for (const Call& call : calls) {
    expect(call.status, StatusCode::OK);
    check(call.reply.SerializeAsString() == call.request.SerializeAsString(), "the reply is not the request");
  }
}

std::string json(const std::string& text) {
  static const char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') quoted += '\\';
    if (byte < 0x20) {
      quoted += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

// Trusts the tests' authority where TLS is asked for. The window stays as it is: otherwise it grows to some 20 MB, and no
// writer is held back by what the cases send.
std::shared_ptr<grpc::Channel> connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const char* folder = std::getenv("INTEROP_TLS");
  if (folder == nullptr) return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = read_file(folder, "authority.crt");
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

}  // namespace

Cases unary_cases() {
  return {
      {"echo", case_echo},
      {"empty", case_empty},
      {"metadata", case_metadata},
      {"status", case_status},
      {"details", case_details},
      {"deadline-client", case_deadline_client},
      {"deadline-server", case_deadline_server},
      {"cancel", case_cancel},
      {"large", case_large},
      {"unimplemented-method", case_unimplemented_method},
      {"unimplemented-service", case_unimplemented_service},
      {"concurrent", case_concurrent},
  };
}

int run_cases(const std::string& address, const std::vector<std::string>& names) {
  const auto channel = connect(address);
  const Peer peer{interop::Probe::NewStub(channel), interop::Absent::NewStub(channel),
                  interop::Streams::NewStub(channel)};
  Cases cases = unary_cases();
  for (const Cases& more : {stream_cases(), ending_cases()}) cases.insert(cases.end(), more.begin(), more.end());
  for (const auto& [name, run] : cases) {
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    std::string detail;
    try {
      run(peer);
    } catch (const Wrong& error) {
      detail = error.what();
    }
    std::cout << "{\"case\":" << json(name) << ",\"ok\":" << (detail.empty() ? "true" : "false")
              << ",\"detail\":" << json(detail) << "}" << std::endl;
  }
  return 0;
}
