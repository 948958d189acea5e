// The server half of the gRPC C++ peer, on the callback API.
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "probe.grpc.pb.h"
#include "probe.h"
#include "streams.h"

namespace {

using Clock = std::chrono::system_clock;

// What the server knows of its Sleep calls, and who waits to be told.
class Sleeps {
 public:
  void set(const std::string& id, interop::SleepState state, int64_t deadline_ms) {
    std::vector<std::function<void(const interop::SleepReport&)>> told;
    interop::SleepReport report;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Record& record = records_[id];
      record.report.set_state(state);
      record.report.set_deadline_ms(deadline_ms);
      report = record.report;
      told.swap(record.on_begin);
      if (state != interop::SLEEPING) {
        for (auto& waiter : record.on_over) told.push_back(std::move(waiter));
        record.on_over.clear();
      }
    }
    for (const auto& waiter : told) waiter(report);
  }

  // Calls `waiter` once that sleep has begun or, with `over`, has ended; at once when it has already.
  void when(const std::string& id, bool over, std::function<void(const interop::SleepReport&)> waiter) {
    interop::SleepReport report;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Record& record = records_[id];
      const auto state = record.report.state();
      if (state == interop::UNSEEN || (over && state == interop::SLEEPING)) {
        (over ? record.on_over : record.on_begin).push_back(std::move(waiter));
        return;
      }
      report = record.report;
    }
    waiter(report);
  }

 private:
  struct Record {
    interop::SleepReport report;
    std::vector<std::function<void(const interop::SleepReport&)>> on_begin, on_over;
  };
  std::mutex mutex_;
  std::map<std::string, Record> records_;
};

// One Sleep call: whichever of the alarm and the cancellation comes first finishes it, the later of the alarm and the end
// of the call frees it.
class SleepReactor : public grpc::ServerUnaryReactor {
 public:
  SleepReactor(grpc::CallbackServerContext* context, const interop::SleepRequest* request,
               interop::SleepReport* reply, Sleeps* sleeps)
      : id_(request->id()), reply_(reply), sleeps_(sleeps), deadline_(context->deadline()) {
    const auto now = Clock::now();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now).count();
    left_ms_ = deadline_ == Clock::time_point::max() ? -1 : left;
    sleeps_->set(id_, interop::SLEEPING, left_ms_);
    alarm_.Set(now + std::chrono::milliseconds(request->ms()), [this](bool rang) {
      if (rang) finish(interop::DONE);
      release();
    });
  }

  void OnCancel() override {
    finish(Clock::now() >= deadline_ ? interop::DEADLINE : interop::CANCELLED);
    alarm_.Cancel();
  }

  void OnDone() override { release(); }

 private:
  void finish(interop::SleepState state) {
    if (finished_.exchange(true)) return;
    reply_->set_state(state);
    reply_->set_deadline_ms(left_ms_);
    sleeps_->set(id_, state, left_ms_);
    // An interrupted sleep is no success: its client may not have noticed its own deadline yet.
    if (state == interop::DONE) Finish(grpc::Status::OK);
    else if (state == interop::DEADLINE) Finish(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "the sleep was ended"));
    else Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the sleep was ended"));
  }

  void release() {
    if (--holders_ == 0) delete this;
  }

  const std::string id_;
  interop::SleepReport* const reply_;
  Sleeps* const sleeps_;
  const Clock::time_point deadline_;
  int64_t left_ms_;
  grpc::Alarm alarm_;
  std::atomic<bool> finished_{false};
  std::atomic<int> holders_{2};
};

class Probe final : public interop::Probe::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const interop::EchoMessage* request,
                                 interop::EchoMessage* reply) override {
    return_metadata(context);
    *reply = *request;
    return finish(context, grpc::Status::OK);
  }

  grpc::ServerUnaryReactor* Fail(grpc::CallbackServerContext* context, const interop::FailRequest* request,
                                 interop::Nothing*) override {
    const auto code = static_cast<grpc::StatusCode>(request->code());
    return finish(context, grpc::Status(code, request->message(), request->details()));
  }

  grpc::ServerUnaryReactor* Sleep(grpc::CallbackServerContext* context, const interop::SleepRequest* request,
                                  interop::SleepReport* reply) override {
    return new SleepReactor(context, request, reply, &sleeps_);
  }

  grpc::ServerUnaryReactor* LastSleep(grpc::CallbackServerContext* context, const interop::SleepQuery* query,
                                      interop::SleepReport* reply) override {
    auto* reactor = context->DefaultReactor();
    sleeps_.when(query->id(), query->over(), [reactor, reply](const interop::SleepReport& report) {
      *reply = report;
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

  static grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

  Sleeps sleeps_;
};

// A server of both services at an address, until `drain` is called or `ends`.
class Server {
 public:
  Server(const std::string& address, std::function<void()> drain) : streams_(make_streams(std::move(drain))) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, credentials(), &port_);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.RegisterService(&probe_);
    builder.RegisterService(streams_.get());
    server_ = builder.BuildAndStart();
  }

  int port() const { return server_ ? port_ : 0; }

  // Lets open calls end, for so long.
  void shut_down(std::chrono::seconds within) { server_->Shutdown(Clock::now() + within); }

 private:
  static std::shared_ptr<grpc::ServerCredentials> credentials() {
    const char* folder = std::getenv("INTEROP_TLS");
    if (folder == nullptr) return grpc::InsecureServerCredentials();
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({read_file(folder, "server.key"), read_file(folder, "server.crt")});
    return grpc::SslServerCredentials(options);
  }

  Probe probe_;
  std::unique_ptr<grpc::Service> streams_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::string read_file(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int serve() {
  std::mutex mutex;
  std::condition_variable told;
  bool drained = false, ended = false;
  const auto drain = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    drained = true;
    told.notify_one();
  };
  auto server = std::make_unique<Server>("127.0.0.1:0", drain);
  const int port = server->port();
  if (port == 0) return 1;
  std::cout << "LISTENING " << port << std::endl;
  std::thread input([&] {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    const std::lock_guard<std::mutex> lock(mutex);
    ended = true;
    told.notify_one();
  });
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex);
    told.wait(lock, [&] { return drained || ended; });
    if (ended) break;
    drained = false;
    lock.unlock();
    server->shut_down(std::chrono::seconds(10));
    server.reset();
    server = std::make_unique<Server>("127.0.0.1:" + std::to_string(port), drain);
  }
  input.join();
  server->shut_down(std::chrono::seconds(0));
  return 0;
}
