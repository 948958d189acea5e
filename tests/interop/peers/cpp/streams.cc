// The streaming half of the gRPC C++ server, on the synchronous API: a thread a call.
#include "streams.h"

#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using grpc::ServerContext;
using grpc::Status;
using std::chrono::milliseconds;

constexpr milliseconds poll_pause{2};

const std::string& pattern() {
  static const std::string bytes = [] {
    std::string made(4 * 1024 * 1024 + 251, '\0');
    for (size_t i = 0; i < made.size(); i++) made[i] = static_cast<char>(i % 251);
    return made;
  }();
  return bytes;
}

// What the server knows of one streaming call.
class Stream {
 public:
  void begin() { note([](auto& report) { report.set_state(interop::SLEEPING); }); }

  void count_sent() { note([](auto& report) { report.set_sent(report.sent() + 1); }); }

  void count_received() { note([](auto& report) { report.set_received(report.received() + 1); }); }

  void release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    released_ = true;
  }

  interop::StreamReport report() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return report_;
  }

  // Waits until it is released or the call is over.
  void hold(ServerContext* context) {
    const auto is_released = [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      return released_;
    };
    while (!is_released() && !context->IsCancelled()) std::this_thread::sleep_for(poll_pause);
  }

  // Notes how the call ended, and gives the status that it was ordered to end with.
  Status end(ServerContext* context, const interop::Order& order) {
    const bool cancelled = context->IsCancelled();
    const bool late = cancelled && std::chrono::system_clock::now() >= context->deadline();
    note([&](auto& report) {
      report.set_state(late ? interop::DEADLINE : cancelled ? interop::CANCELLED : interop::DONE);
    });
    if (cancelled || !order.has_ending()) return Status::OK;
    const auto& ending = order.ending();
    return Status(static_cast<grpc::StatusCode>(ending.code()), ending.message(), ending.details());
  }

 private:
  void note(const std::function<void(interop::StreamReport&)>& change) {
    const std::lock_guard<std::mutex> lock(mutex_);
    change(report_);
  }

  std::mutex mutex_;
  bool released_ = false;
  interop::StreamReport report_;
};

class Streams final : public interop::Streams::Service {
 public:
  explicit Streams(std::function<void()> drain) : drain_(std::move(drain)) {}

 private:
  Status Feed(ServerContext* context, const interop::Order* order,
              grpc::ServerWriter<interop::Part>* call) override {
    return_metadata(context);
    call->SendInitialMetadata();
    const auto stream = find(order->id());
    stream->begin();
    send_own(*stream, *order, call);
    if (order->hold()) stream->hold(context);
    return stream->end(context, *order);
  }

  Status Collect(ServerContext* context, grpc::ServerReader<interop::Part>* call,
                 interop::Summary* summary) override {
    return_metadata(context);
    call->SendInitialMetadata();
    auto stream = std::make_shared<Stream>();
    interop::Order order;
    interop::Part part;
    while (call->Read(&part)) {
      const int n = summary->count();
      if (n == 0) stream = begin(part, &order);
      stream->count_received();
      summary->set_count(n + 1);
      summary->set_bytes(summary->bytes() + static_cast<int>(part.payload().size()));
      if (!is_part(part, n)) summary->set_wrong(summary->wrong() + 1);
      if (n == 0 && order.hold()) stream->hold(context);
      if (n + 1 == order.answer_after()) break;
    }
    return stream->end(context, order);
  }

  Status Chat(ServerContext* context, grpc::ServerReaderWriter<interop::Part, interop::Part>* call) override {
    return_metadata(context);
    call->SendInitialMetadata();
    auto stream = std::make_shared<Stream>();
    interop::Order order;
    interop::Part part;
    std::thread own;
    std::vector<interop::Part> kept;
    for (int n = 0; call->Read(&part); n++) {
      if (n == 0) {
        stream = begin(part, &order);
        if (order.count() > 0) own = std::thread([&] { send_own(*stream, order, call); });
      }
      stream->count_received();
      if (order.after_end()) kept.push_back(part);
      else if (!own.joinable()) call->Write(part);
    }
    if (own.joinable()) own.join();
    if (order.hold()) stream->hold(context);
    for (const auto& each : kept) call->Write(each);
    return stream->end(context, order);
  }

  Status LastStream(ServerContext* context, const interop::SleepQuery* query,
                    interop::StreamReport* reply) override {
    const auto stream = find(query->id());
    const auto reached = [&] {
      *reply = stream->report();
      return reply->state() != interop::UNSEEN && !(query->over() && reply->state() == interop::SLEEPING);
    };
    while (!reached() && !context->IsCancelled()) std::this_thread::sleep_for(poll_pause);
    return Status::OK;
  }

  Status Release(ServerContext*, const interop::SleepQuery* query, interop::Nothing*) override {
    find(query->id())->release();
    return Status::OK;
  }

  Status Drain(ServerContext*, const interop::Nothing*, interop::Nothing*) override {
    drain_();
    return Status::OK;
  }

  // The record of a stream, also of one that has not begun. Streams without an id share nothing.
  std::shared_ptr<Stream> find(const std::string& id) {
    if (id.empty()) return std::make_shared<Stream>();
    const std::lock_guard<std::mutex> lock(mutex_);
    auto& found = streams_[id];
    if (!found) found = std::make_shared<Stream>();
    return found;
  }

  // The first part of a request has the order.
  std::shared_ptr<Stream> begin(const interop::Part& first, interop::Order* order) {
    *order = first.order();
    const auto stream = find(order->id());
    stream->begin();
    return stream;
  }

  // Sends the parts that the order asks for.
  static void send_own(Stream& stream, const interop::Order& order,
                       grpc::internal::WriterInterface<interop::Part>* call) {
    for (int n = 0; n < order.count(); n++) {
      if (order.pause_ms() > 0) std::this_thread::sleep_for(milliseconds(order.pause_ms()));
      if (!call->Write(part_of(n, order.payload_bytes()))) return;
      stream.count_sent();
    }
  }

  const std::function<void()> drain_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;
};

}  // namespace

interop::Part part_of(int n, int payload_bytes) {
  interop::Part part;
  part.set_n(n);
  part.set_payload(pattern().substr(n % 251, payload_bytes));
  return part;
}

bool is_part(const interop::Part& part, int n) {
  return part.n() == n && pattern().compare(n % 251, part.payload().size(), part.payload()) == 0;
}

std::unique_ptr<grpc::Service> make_streams(std::function<void()> drain) {
  return std::make_unique<Streams>(std::move(drain));
}
