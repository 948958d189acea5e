// gRPC C++ in the benchmark: `server` serves bench.Echo by the callback API, `client HOST:PORT` obeys lines on standard
// input, `run IN_FLIGHT WARMUP_MS COUNTED_MS`, by a completion queue, and answers each with one JSON line.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "echo.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class EchoService final : public bench::Echo::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const bench::EchoRequest* request,
                                 bench::EchoRequest* reply) override {
    *reply = *request;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int serve() {
  std::signal(SIGTERM, [](int) { close(STDIN_FILENO); });
  EchoService echo;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::cout << "LISTENING " << port << std::endl;
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// One caller's call; its slot is used again for the next one.
struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  bench::EchoRequest reply;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<bench::EchoRequest>> reader;
  Clock::time_point begun;
};

class Load {
 public:
  explicit Load(const std::string& address)
      : stub_(bench::Echo::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {
    request_.set_message("abcdefghijklmnopqrstuvwxyz012345");
    request_.set_n(5);
  }

  // Keeps `in_flight` calls going, counts those that return after the warm-up, and waits for the last one.
  bool run(int in_flight, int warmup_ms, int counted_ms) {
    std::vector<Call> calls(in_flight);
    std::vector<double> latencies_us;
    for (Call& call : calls) start(call);
    const auto counted_from = Clock::now() + milliseconds(warmup_ms);
    const auto counted_to = counted_from + milliseconds(counted_ms);
    double cpu = 0, seconds = 0;
    bool counting = false, stopping = false;
    Clock::time_point counted_since;
    while (in_flight > 0) {
      void* tag;
      bool fine;
      if (!queue_.Next(&tag, &fine) || !fine) return false;
      Call& call = *static_cast<Call*>(tag);
      if (!call.status.ok()) return false;
      const auto now = Clock::now();
      if (!counting && now >= counted_from) {
        counting = true;
        counted_since = now;
        cpu = cpu_seconds();
      } else if (counting && !stopping) {
        latencies_us.push_back(std::chrono::duration<double, std::micro>(now - call.begun).count());
        if (now >= counted_to) {
          stopping = true;
          seconds = std::chrono::duration<double>(now - counted_since).count();
          cpu = cpu_seconds() - cpu;
        }
      }
      if (stopping) {
        in_flight--;
      } else {
        start(call);
      }
    }
    print(latencies_us, seconds, cpu);
    return true;
  }

 private:
  void start(Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.begun = Clock::now();
    call.reader = stub_->AsyncEcho(call.context.get(), request_, &queue_);
    call.reader->Finish(&call.reply, &call.status, &call);
  }

  static void print(std::vector<double>& latencies_us, double seconds, double cpu) {
    std::sort(latencies_us.begin(), latencies_us.end());
    const auto at = [&](double part) { return latencies_us[static_cast<size_t>((latencies_us.size() - 1) * part)]; };
    std::cout << "{\"calls\":" << latencies_us.size() << ",\"seconds\":" << seconds << ",\"cpuSeconds\":" << cpu
              << ",\"p50Us\":" << at(0.5) << ",\"p99Us\":" << at(0.99) << "}" << std::endl;
  }

  bench::EchoRequest request_;
  std::unique_ptr<bench::Echo::Stub> stub_;
  grpc::CompletionQueue queue_;
};

int drive(const std::string& address) {
  Load load(address);
  std::string verb;
  int in_flight, warmup_ms, counted_ms;
  while (std::cin >> verb >> in_flight >> warmup_ms >> counted_ms) {
    if (verb != "run" || !load.run(in_flight, warmup_ms, counted_ms)) return 1;
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments == std::vector<std::string>{"server"}) return serve();
  if (arguments.size() == 2 && arguments[0] == "client") return drive(arguments[1]);
  std::cerr << "usage: bench server | client HOST:PORT" << std::endl;
  return 2;
}
