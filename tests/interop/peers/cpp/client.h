// What the cases of the gRPC C++ client have in common.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "probe.grpc.pb.h"

// Needs percent-encoding: accents, a percent sign, a line break, characters of two, three and four bytes.
inline const std::string odd_message = "100% häßlich\n✓ 𝄞 end";
// The encoded size of the largest message: a little under the usual limit of 4 MiB.
constexpr size_t large_bytes = 4 * 1024 * 1024 - 64;

struct Peer {
  std::unique_ptr<interop::Probe::Stub> probe;
  std::unique_ptr<interop::Absent::Stub> absent;
  std::unique_ptr<interop::Streams::Stub> streams;
};

using Cases = std::vector<std::pair<std::string, std::function<void(const Peer&)>>>;
using Fields = std::multimap<grpc::string_ref, grpc::string_ref>;

// Throws when the peer answered, but not as the case demands.
void check(bool holds, const std::string& text);
void expect(const grpc::Status& status, grpc::StatusCode code);

// Unique among all processes that ask one server.
std::string unique(const std::string& name);

void set_timeout(grpc::ClientContext& context, int ms);

// The metadata that comes back, and the check that it did.
void add_fields(grpc::ClientContext& context);
void expect_fields(const Fields& fields);

// The request for a failure with details, and the check of what came of it.
interop::FailRequest failing();
void expect_failing(const grpc::Status& status);

// Sends a message and wants it back.
void echo(const Peer& peer, grpc::ClientContext& context, const interop::EchoMessage& message);

Cases unary_cases();
Cases stream_cases();
Cases ending_cases();
