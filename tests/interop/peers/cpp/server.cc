// The server half of the gRPC C++ peer, on the callback API.
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "probe.grpc.pb.h"
#include "probe.h"

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
    for (const auto& [key, value] : context->client_metadata()) {
      const std::string name(key.data(), key.size());
      if (name.rfind("probe-", 0) != 0) continue;
      context->AddInitialMetadata(name, std::string(value.data(), value.size()));
      context->AddTrailingMetadata(name, std::string(value.data(), value.size()));
    }
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

}  // namespace

int serve() {
  // A signal is taken as the end of standard input: one way to stop.
  std::signal(SIGTERM, [](int) { close(STDIN_FILENO); });
  Probe probe;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&probe);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::cout << "LISTENING " << port << std::endl;
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  server->Shutdown(Clock::now());
  return 0;
}
