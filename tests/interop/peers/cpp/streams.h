// What both halves of the gRPC C++ peer know of streams: the parts that they send, and who serves them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "probe.grpc.pb.h"

// Part `n` of a stream, its payload so many bytes long.
interop::Part part_of(int n, int payload_bytes);

// Whether a part is the one for that place.
bool is_part(const interop::Part& part, int n);

// Metadata named `probe-...` goes back in headers and trailers; `probe-gzip` has the replies compressed.
template <class Context>
void return_metadata(Context* context) {
  for (const auto& [key, value] : context->client_metadata()) {
    const std::string name(key.data(), key.size());
    if (name.rfind("probe-", 0) != 0) continue;
    if (name == "probe-gzip") context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    context->AddInitialMetadata(name, std::string(value.data(), value.size()));
    context->AddTrailingMetadata(name, std::string(value.data(), value.size()));
  }
}

// interop.Streams; `drain` ends the server and lets it serve anew.
std::unique_ptr<grpc::Service> make_streams(std::function<void()> drain);
